import { setTimeout as delay } from 'node:timers/promises';
import { callRest } from '../support/call-rest.js';
import { type DashboardSocket, logInAtDashboard, openDashboardSocket } from '../support/dashboard-socket.js';
import { SITE_SCANNED, type Site } from './beside-site.js';
import { HOOK, SECRET } from './intake-targets.js';
import { clientidOf } from './webhook-bodies.js';

const IMPORTED = 5000;
const COMMANDS = 500;
const DASHBOARDS = 50;
const PEOPLE = 10;
const LOOK_EVERY_MS = 20;
/** Answers on their way to Node-RED at once. */
const ANSWERS_AT_ONCE = 8;

/** Something that others do while webhooks come: once. */
export type Once = () => Promise<unknown>;

/** What is done beside webhooks, by its name. What is prepared before is no part of it. */
export const WORKS: Readonly<Record<string, (site: Site) => Promise<Once> | Once>> = {
  'an export of the audit': exportAudit,
  'an export of 100,000 gateways as CSV': (site) => () => read(site, '/api/device/export?format=csv'),
  'an export of 100,000 gateways as JSON': (site) => () => read(site, '/api/device/export?format=json'),
  'an import of 5,000 gateways': importMany,
  '500 open commands': openCommands,
  '50 dashboards': openDashboards,
  'a scan of 10,000 gateways': scan,
};

function scan({ rest }: Site): Once {
  return async () => {
    const { status, data } = await rest.call('PUT', '/api/device/checkUpdate', {
      site: SITE_SCANNED,
    });
    if (status >= 300) throw new Error(`no scan: ${JSON.stringify(data)}`);
    await rest.until('/api/device/checkUpdate?progress=true', (reply) => reply.data.state !== 'RUNNING');
    await delay(LOOK_EVERY_MS);
  };
}

async function read({ nodeRed }: Site, path: string): Promise<string> {
  const { status, text } = await callRest(nodeRed, 'GET', path);
  if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 500)}`);
  return text;
}

function importMany({ nodeRed }: Site): Once {
  let times = 0;
  return async () => {
    times += 1;
    const rows = Array.from(
      { length: IMPORTED },
      (_, index) => `new-${times}-${index},Plant ${index % 20},"a;b"`,
    );
    const body = `clientid,site,tags\n${rows.join('\n')}\n`;
    const { status, text } = await callRest(nodeRed, 'POST', '/api/device/import', { body });
    const { data } = JSON.parse(text) as { data: { registered?: number } };
    if (data.registered !== IMPORTED) throw new Error(`import: ${status} ${text.slice(0, 500)}`);
  };
}

async function openSocket({ nodeRed }: Site): Promise<DashboardSocket> {
  const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
  return await openDashboardSocket(nodeRed, cookie);
}

/** Gateways that are commanded all at once, and answer one after the other. */
async function openCommands(site: Site): Promise<Once> {
  const socket = await openSocket(site);
  // Behind those that come and go.
  const clientids = Array.from({ length: COMMANDS }, (_, index) => clientidOf(9000 + index));
  return async () => {
    const sent = await socket.answer<{ requestId: string | null; clientid: string; fault: unknown }[]>(
      'w-commands',
      'commands.send',
      { clientids, method: 'GET', path: '/device/time' },
    );
    const answers = sent.map(({ clientid, requestId, fault }) => {
      if (requestId === null) throw new Error(`${clientid}: ${JSON.stringify(fault)}`);
      return { clientid, requestId };
    });
    const answering = answers.values();
    await Promise.all(
      Array.from({ length: ANSWERS_AT_ONCE }, async () => {
        for (const { clientid, requestId } of answering) await answer(site, clientid, requestId);
      }),
    );
  };
}

async function answer({ nodeRed }: Site, clientid: string, requestId: string): Promise<void> {
  const payload = JSON.stringify({ 'request-id': requestId, state: 200, payload: '{"data":{"time":1}}' });
  const response = await fetch(nodeRed.url + HOOK, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{
        event: 'message.publish',
        clientid,
        topic: `/tpedm/${clientid}/output`,
        payload,
        qos: 1,
        id: requestId,
      },
      ...{ flags: { retain: false }, timestamp: Date.now(), payload_encoding: 'plain' },
    }),
  });
  if (response.status !== 200) throw new Error(`answer: ${response.status} ${await response.text()}`);
}

/** Half of them show the overview, half the table of gateways; what each follows comes again as gateways come and go. */
async function openDashboards(site: Site): Promise<Once> {
  const admin = await openSocket(site);
  const cookies: string[] = [];
  for (let person = 0; person < PEOPLE; person += 1) {
    const name = `viewer-${person}`;
    const password = `the password of ${name}`;
    await admin.answer('w-users', 'people.create', { name, role: 'viewer', password });
    cookies.push((await logInAtDashboard(site.nodeRed, name, password)).cookie);
  }
  return async () => {
    const sockets = await Promise.all(
      Array.from({ length: DASHBOARDS }, (_, index) =>
        openDashboardSocket(site.nodeRed, cookies[index % PEOPLE]!),
      ),
    );
    await Promise.all(sockets.map((socket, index) => showPage(socket, index)));
    await delay(3000);
    for (const socket of sockets) socket.close();
  };
}

async function showPage(socket: DashboardSocket, index: number): Promise<void> {
  if (index % 2 === 0) {
    await Promise.all([
      socket.follow('w-fleet', 'fleet.statistics', {}),
      socket.follow('w-fleet', 'fleet.events', { limit: 12 }),
      socket.follow('w-fleet', 'fleet.health', {}),
      socket.follow('w-fleet', 'fleet.overTime', { hours: 24, points: 97 }),
    ]);
    return;
  }
  await Promise.all([
    socket.follow('table', 'fleet.statistics', {}),
    socket.follow('table', 'gateways.page', { limit: 50, sort: index % 4 === 1 ? 'clientid' : 'since' }),
  ]);
}

async function exportAudit(site: Site): Promise<Once> {
  const socket = await openSocket(site);
  return async () => {
    let cursor: string | null = null;
    do {
      const part: { next: string | null } = await socket.answer('w-audit', 'audit.export', {
        ...(cursor !== null && { cursor }),
      });
      cursor = part.next;
    } while (cursor !== null);
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { launchChromium } from '../support/chromium.js';
import { openDashboard } from '../support/dashboard-page.js';
import { PACKAGE_ROOT } from '../support/editor-files.js';
import { openEditor } from '../support/editor-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';

// Makes the pictures of the README: `npm run pictures`. Look at them before you commit them.

interface FlowNode {
  id: string;
  type: string;
  [field: string]: unknown;
}

const FOLDER = join(PACKAGE_ROOT, '.github/images');
const HOUR_MS = 3_600_000;
const SETTLED_MS = 120_000;
/** What the client ids begin with, how many there are, how many of them are away, where they are; a simulator keeps to its tag. */
const PLANTS = [
  { names: 'press', count: 8, away: 0, site: 'Stamping plant', tags: ['press', 'virtual'] },
  { names: 'paint', count: 9, away: 1, site: 'Paint shop', tags: ['paint', 'virtual'] },
  { names: 'boiler', count: 7, away: 1, site: 'Utilities', tags: ['energy', 'virtual'] },
];
const TOTAL = PLANTS.reduce((sum, { count }) => sum + count, 0);
const AWAY = PLANTS.reduce((sum, { away }) => sum + away, 0);
const NEVER_SEEN = ['gw-7731', 'gw-7732'];
const SHOWN = 'press-0003';
const OPERATION = 'patch-device-ethernets-id-update-one-device-ethernets-static';
const EXAMPLE = '01 - Register and command one gateway';
const EXAMPLE_TAB = 'ex1';
const EXAMPLE_NODE = 'ex1-ask';

const readFlow = (path: string) => JSON.parse(readFileSync(join(PACKAGE_ROOT, path), 'utf8')) as FlowNode[];
const onlineIn = (devices: { status: string }[]) =>
  devices.filter(({ status }) => status === 'online').length;

/** The bundled flow with a simulator for each plant, and an example for the editor. */
function flow({ everybody }: { everybody: boolean }): FlowNode[] {
  const bundled = readFlow('flows/device-manager.json');
  const simulator = bundled.find(({ type }) => type === 'tpe-simulator')!;
  const simulators = PLANTS.map(({ names, count, away }) => ({
    ...simulator,
    id: `sim-${names}`,
    names,
    count: String(everybody ? count : count - away),
    wires: [[]],
  }));
  const example = readFlow(`examples/${EXAMPLE}.json`)
    .filter(({ type }) => type !== 'tpe-server' && type !== 'tpe-simulator')
    .map((node) => (node.id === EXAMPLE_NODE ? { ...node, name: 'set an address' } : node));
  return [...bundled.filter((node) => node !== simulator), ...simulators, ...example];
}

/** A fleet that has been asked, commanded and scanned. */
async function makeFleet(): Promise<NodeRedProcess> {
  const nodeRed = await startNodeRed({ flow: flow({ everybody: true }) });
  const rest = restCaller(nodeRed);
  await rest.until('/api/device', ({ data }) => onlineIn(data) === TOTAL);
  // Nobody waits ten minutes for the picture of who is away.
  await rest.call('PUT', '/api/alarm/rule', { id: 'offline', kind: 'offline', delaySeconds: 1 });
  for (const clientid of NEVER_SEEN) await rest.call('POST', '/api/device', { clientid });
  const message = `/api/emqx/clients/${SHOWN}/message?wait=9`;
  await rest.call('POST', message, { path: '/device/ethernets', method: 'GET' });
  const requestBody = {
    enable: true,
    enableDhcp: false,
    ip: '192.0.2.10',
    netmask: '255.255.255.0',
    wan: false,
  };
  await rest.call('POST', message, { operation: OPERATION, params: { id: 1 }, requestBody });
  await rest.call('PUT', '/api/device/checkUpdate', {});
  await rest.until('/api/device/checkUpdate?progress=true', ({ data }) => data.state !== 'RUNNING');
  await nodeRed.stop();
  return nodeRed;
}

/** Sites, and a day in which gateways came and went: always the same ones. */
async function writeHistory(database: Database): Promise<void> {
  for (const { names, site, tags } of PLANTS) {
    const clientids = `${names}-%`;
    await database.query('update clientid_profile set site = $2, tags = $3 where clientid like $1', [
      clientids,
      site,
      tags,
    ]);
  }
  const gateways = await database.query<{ clientid: string; since: Date }>(
    "select clientid, since from tpe_presence where status <> 'never_seen' order by clientid",
  );
  await database.query('delete from tpe_presence_event');
  const now = Date.now();
  for (const [index, { clientid, since }] of gateways.entries()) {
    const tell = (at: number, online: boolean, reason: string) =>
      database.query(
        "insert into tpe_presence_event (clientid, at, online, reason, source) values ($1, $2, $3, $4, 'webhook')",
        [clientid, new Date(at), online, reason],
      );
    await tell(now - 40 * HOUR_MS, true, `connected from 192.0.2.${10 + index}`);
    for (const [from, hours] of gapsOf(clientid, index)) {
      await tell(now - from * HOUR_MS, false, 'keepalive timeout');
      await tell(now - (from - hours) * HOUR_MS, true, `connected from 192.0.2.${10 + index}`);
    }
    await tell(since.getTime(), false, 'disconnected by itself');
  }
}

/** Hours ago, and for how long: the paint shop was without power, and others came and went. */
function gapsOf(clientid: string, index: number): [number, number][] {
  const gaps: [number, number][] = [];
  if (index % 3 !== 1) gaps.push([22.5 - ((index * 7) % 12), 0.4 + (index % 5) * 0.3]);
  if (clientid.startsWith('paint')) gaps.push([9, 1 + (index % 4) * 0.2]);
  if (index % 2 === 0 || clientid === SHOWN) gaps.push([7 - ((index * 5) % 6), 0.3 + (index % 4) * 0.2]);
  return gaps;
}

async function dashboardPictures(browser: Browser, nodeRed: NodeRedProcess): Promise<void> {
  const person = await openDashboard(browser, nodeRed, { viewport: { width: 1280, height: 860 } });
  const picture = async (name: string, path: string, landmarks: string[]) => {
    await person.open(path);
    for (const landmark of landmarks) await person.page.locator(landmark).first().waitFor();
    await person.page.evaluate('document.fonts.ready');
    await person.page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
  };
  await picture('fleet', 'fleet', [
    `[data-figure=online]:has-text("${TOTAL - AWAY}")`,
    'text=Stamping plant',
    '.tpe-line',
  ]);
  await person.page.setViewportSize({ width: 1280, height: 960 });
  const header = `header[data-clientid=${SHOWN}]`;
  await picture('gateway', `gateway?clientid=${SHOWN}`, [
    `${header}:has-text("Online")`,
    'text=Registration',
    '.tpe-when',
  ]);
}

/** A flow, and the form of the command in it. */
async function editorPicture(browser: Browser, nodeRed: NodeRedProcess): Promise<void> {
  const { page } = await openEditor(browser, nodeRed, { viewport: { width: 1280, height: 860 } });
  await page.evaluate(`
    RED.workspaces.show('${EXAMPLE_TAB}');
    RED.actions.invoke('core:toggle-sidebar');
    RED.actions.invoke('core:toggle-palette');
    RED.editor.edit(RED.nodes.node('${EXAMPLE_NODE}'));
  `);
  await page.locator('#tpe-command-by').selectOption('operation');
  await page.locator('#tpe-command-search').fill('ethernets static');
  await page.locator('#tpe-command-search').press('Enter');
  await page.locator('#tpe-command-example').click();
  // The addresses of the example are not those of this network.
  const values = {
    '/params/id': '1',
    '/requestBody/ip': '192.0.2.10',
    '/requestBody/netmask': '255.255.255.0',
    '/requestBody/gateway': '192.0.2.1',
  };
  for (const [place, value] of Object.entries(values)) {
    const row = page.locator(`.tpedm-row[data-place="${place}"]`);
    await row.locator('input.red-ui-typedInput-input').first().fill(value);
    await row.locator('input.red-ui-typedInput-input').first().press('Tab');
  }
  await page.locator('.tpedm-faulty').first().waitFor({ state: 'detached' });
  await page.evaluate(`document.querySelector('#tpe-command-summary').scrollIntoView()`);
  await page.mouse.move(300, 830);
  await page.locator('.red-ui-popover').first().waitFor({ state: 'hidden' });
  await page.screenshot({ path: join(FOLDER, 'editor.png'), animations: 'disabled' });
}

async function main(): Promise<void> {
  const { dataDir, adminPassword, token } = await makeFleet();
  const database = await openDatabase({ kind: 'embedded', folder: join(dataDir, 'registry') });
  await writeHistory(database);
  await database.close();
  const env = { TPE_ADMIN_PASSWORD: adminPassword, TPE_API_TOKEN: token };
  const [nodeRed, browser] = await Promise.all([
    startNodeRed({ dataDir, env, flow: flow({ everybody: false }) }),
    launchChromium(),
  ]);
  const rest = restCaller(nodeRed);
  await rest.until('/api/device', ({ data }) => onlineIn(data) === TOTAL - AWAY);
  // What was known before a start raises nothing for two minutes.
  await delay(SETTLED_MS);
  await rest.until('/api/alarm', ({ data }) => data.length === AWAY);
  await dashboardPictures(browser, nodeRed);
  await editorPicture(browser, nodeRed);
  await browser.close();
  await nodeRed.stop();
}

void main();

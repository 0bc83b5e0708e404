import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Alarm } from '../../nodes/manager/alarms/alarm.js';
import { openSite, PASSWORD, type Site } from '../faults/site.js';
import { opener } from '../support/databases.js';
import { freePort } from '../support/free-port.js';
import { connectGateway, type TestGateway } from '../support/gateway.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { postgres } from '../support/postgres.js';
import { type RestReply, restCaller } from '../support/rest-caller.js';

/** How long a gateway must be offline until there is an alarm, s. */
const DELAY_S = 3;
/** For how long something is away, ms: longer than that, so that all would be due when it is back. */
const AWAY_MS = (DELAY_S + 2) * 1000;
const GATEWAYS = ['A', 'B', 'C', 'D', 'control'];

/** What a restart is looked at through. */
interface Watched {
  nodeRed(): NodeRedProcess;
  mqttPort: number;
  gateways: Map<string, TestGateway>;
}

const rest = ({ nodeRed }: Pick<Watched, 'nodeRed'>) => restCaller(nodeRed());

async function connect(mqttPort: number, logins: readonly string[]): Promise<Watched['gateways']> {
  const gateways = new Map<string, TestGateway>();
  for (const clientid of logins) {
    const login = { clientid, username: clientid, password: PASSWORD, port: mqttPort };
    gateways.set(clientid, await connectGateway(login));
  }
  return gateways;
}

async function setDelay(watched: Watched): Promise<void> {
  const rule = { id: 'offline', kind: 'offline', delaySeconds: DELAY_S, clearSeconds: 0 };
  expect((await rest(watched).call('PUT', '/api/alarm/rule', rule)).status).to.equal(200);
}

/** Resolves when so many gateways are online. */
async function untilOnline(watched: Watched, count: number): Promise<void> {
  const isSo = ({ status, data }: RestReply) =>
    status === 200 &&
    data.filter((row: { connection_status: boolean }) => row.connection_status).length === count;
  await rest(watched).until('/api/device?limit=100', isSo);
}

/** The broker was away with all its connections: gateways come back when it is known that they are gone, and alarms would be due. */
async function comeBack(watched: Watched): Promise<void> {
  await untilOnline(watched, 0);
  await delay(AWAY_MS);
  watched.gateways = await connect(watched.mqttPort, GATEWAYS);
}

async function alarmsOf(watched: Watched): Promise<string[]> {
  const found: string[] = [];
  for (const state of ['open', 'cleared']) {
    const { data } = await rest(watched).call('GET', `/api/alarm?state=${state}&limit=500`);
    found.push(...(data as Alarm[]).map(({ kind, clientid, key }) => `${kind} ${clientid ?? key}`));
  }
  return found;
}

/**
 * A gateway that goes when all is back gets its alarm: by then those of the restart would have been raised. It is the only one since `before`.
 */
async function expectOnlyControl(watched: Watched, before: number): Promise<void> {
  const control = watched.gateways.get('control')!;
  control.cut();
  const isOpen = ({ status, data }: RestReply) => status === 200 && data.length > 0;
  await rest(watched).until('/api/alarm?kind=offline&clientid=control', isOpen);
  const all = await alarmsOf(watched);
  expect(all.filter((alarm) => alarm !== 'offline control')).to.deep.equal([]);
  expect(all).to.have.length(before + 1);
  watched.gateways.set('control', (await connect(watched.mqttPort, ['control'])).get('control')!);
  await untilOnline(watched, GATEWAYS.length);
  await rest(watched).until(
    '/api/alarm?kind=offline&clientid=control',
    ({ status, data }) => status === 200 && data.length === 0,
  );
}

function leave({ gateways }: Pick<Watched, 'gateways'>): void {
  for (const { client } of gateways.values()) client.end(true);
}

describe('alarms: a restart raises none of the gateways', () => {
  describe('of Node-RED with its own broker and database', () => {
    let nodeRed: NodeRedProcess;
    let watched: Watched;
    let env: NodeJS.ProcessEnv;

    before(async () => {
      const [port, mqttPort] = [await freePort(), await freePort()];
      env = {
        ...{ PORT: String(port), TPE_MQTT_PORT: String(mqttPort), TPE_SIMULATED_GATEWAYS: '0' },
        TPE_API_TOKEN: 'a-token-that-stays-the-same-over-restarts',
      };
      nodeRed = await startNodeRed({ env });
      watched = { nodeRed: () => nodeRed, mqttPort, gateways: new Map() };
      const login = (clientid: string) => ({
        clientid,
        username: clientid,
        password: PASSWORD,
        site: 'Brea',
      });
      for (const clientid of GATEWAYS)
        expect((await rest(watched).call('POST', '/api/device', login(clientid))).status).to.equal(200);
      watched.gateways = await connect(mqttPort, GATEWAYS);
      await setDelay(watched);
      await untilOnline(watched, GATEWAYS.length);
    });
    after(async () => {
      if (watched !== undefined) leave(watched);
      await nodeRed?.stop();
    });

    for (const [before, how] of (['stop', 'kill'] as const).entries()) {
      it(`by ${how}`, async () => {
        await nodeRed[how]();
        await delay(AWAY_MS);
        nodeRed = await startNodeRed({ env, dataDir: nodeRed.dataDir });
        await comeBack(watched);
        await untilOnline(watched, GATEWAYS.length);
        await expectOnlyControl(watched, before);
      });
    }
  });

  describe('of one with EMQX and PostgreSQL', () => {
    const open = opener('postgresql');
    let site: Site;
    let watched: Watched;

    before(async () => {
      site = await openSite(await open.options(), GATEWAYS);
      const mqttPort = Number(new URL(site.emqx.mqttUrl).port);
      watched = { nodeRed: site.nodeRed, mqttPort, gateways: await connect(mqttPort, GATEWAYS) };
      await setDelay(watched);
      await untilOnline(watched, GATEWAYS.length);
    });
    after(async () => {
      await (await postgres()).start().catch(() => undefined);
      if (watched !== undefined) leave(watched);
      await site?.close();
    });

    const restarts: [string, () => Promise<void>][] = [
      [
        'the broker',
        async () => {
          await site.emqx.stop();
          await delay(AWAY_MS);
          await site.emqx.restart();
          await comeBack(watched);
        },
      ],
      [
        'the database',
        async () => {
          const server = await postgres();
          await server.stop();
          await delay(AWAY_MS);
          await server.start();
        },
      ],
      ['Node-RED', () => site.killAndRestart()],
      [
        'the broker, while Node-RED is away',
        async () => {
          const back = site.killAndRestart();
          await site.emqx.restart();
          await back;
          await comeBack(watched);
        },
      ],
    ];
    for (const [before, [what, restart]] of restarts.entries()) {
      it(`that of ${what}`, async () => {
        await restart();
        await untilOnline(watched, GATEWAYS.length);
        await expectOnlyControl(watched, before);
      });
    }
  });
});

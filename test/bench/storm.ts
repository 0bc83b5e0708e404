import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../nodes/manager/database/database.js';
import { freePort } from '../support/free-port.js';
import { metricsOf, sumOf } from '../support/metrics.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';
import { cpuOf } from './cpu.js';
import { newDatabase } from './database.js';
import { atMost, type Figure, median } from './figure.js';
import { API, HOOK, SECRET, webhookEnvironment } from './intake-targets.js';
import { type StormBroker, startStormBroker } from './storm-broker.js';

const GATEWAYS = 5000;
const ROUNDS = 3;
/** As many as come through EMQX's own door in a second. */
const CONNECTS_PER_SECOND = 2000;
const LOOK_EVERY_MS = 20;

interface Round {
  /** From the last connect's acknowledgement until all rows show online, s. */
  lag: number;
  /** Webhooks written in a second, from the first connect on. */
  perSecond: number;
  /** CPU for each webhook, µs. */
  nodeRed: number;
  broker: number;
}

/**
 * Gateways that all come back through EMQX, by its stand-in with the connections and the buffer of docker/emqx: how long after the last
 * connect all rows show online. Broker and gateways are a process of their own, as Node-RED is.
 */
export async function benchStorm(): Promise<Figure[]> {
  const { options, database } = await newDatabase('storm');
  await database.query(
    `insert into clientid_profile (clientid) select 'gw-' || number from generate_series(1, $1) as number`,
    [GATEWAYS],
  );
  await database.query('analyze');
  const port = await freePort();
  const webhook = { url: `http://127.0.0.1:${port}${HOOK}`, secret: SECRET, payloads: 'base64' } as const;
  const broker = await startStormBroker({ version: '5.8', ...API, webhook });
  const nodeRed = await startNodeRed({
    env: { ...webhookEnvironment(options.url, broker), PORT: String(port) },
  });
  await restCaller(nodeRed).until('/api/device?limit=1', ({ status }) => status === 200);
  const paced: Round[] = [];
  const atOnce: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    paced.push(await storm(broker, nodeRed, database, CONNECTS_PER_SECOND));
    atOnce.push(await storm(broker, nodeRed, database));
  }
  await nodeRed.stop();
  await broker.close();
  await database.close();
  const of = (rounds: Round[], key: keyof Round) => median(rounds.map((round) => round[key]));
  return [
    {
      what: `${GATEWAYS} gateways reconnect, ${CONNECTS_PER_SECOND} in a second: right after the last one's connect`,
      ...{ value: of(paced, 'lag'), unit: 's', goal: atMost(1) },
    },
    { what: 'events taken from EMQX meanwhile', value: of(paced, 'perSecond'), unit: '/s' },
    // No broker lets them in like that: it says how fast events are taken, beside a stand-in that takes a core as well.
    { what: '… all in one moment: right after it', value: of(atOnce, 'lag'), unit: 's' },
    { what: '… events taken from EMQX meanwhile', value: of(atOnce, 'perSecond'), unit: '/s' },
    { what: '… CPU of Node-RED for each', value: of(atOnce, 'nodeRed'), unit: 'µs' },
    { what: '… CPU of the stand-in for each', value: of(atOnce, 'broker'), unit: 'µs' },
  ];
}

/** One storm; all are gone before it and after it. */
async function storm(
  broker: StormBroker,
  nodeRed: NodeRedProcess,
  database: Database,
  perSecond?: number,
): Promise<Round> {
  const clientids = Array.from({ length: GATEWAYS }, (_, index) => `gw-${index + 1}`);
  const cpu = { nodeRed: cpuOf(nodeRed.pid), broker: broker.cpu() };
  const { from, to } = await broker.come(clientids, perSecond);
  await untilAll('online', database);
  const right = Date.now();
  const each = (ms: number) => (ms * 1000) / GATEWAYS;
  const round = {
    lag: Math.max(0, right - to) / 1000,
    perSecond: GATEWAYS / ((right - from) / 1000),
    nodeRed: each(cpuOf(nodeRed.pid) - cpu.nodeRed),
    broker: each(broker.cpu() - cpu.broker),
  };
  await broker.go(clientids);
  await untilAll('offline', database);
  await untilNothingIsAsked(database);
  return round;
}

/** Gateways are asked for their profile behind a storm; the next one finds none of that. */
async function untilNothingIsAsked(database: Database): Promise<void> {
  for (;;) {
    const rows = await database.query(`select from tpe_command where state in ('SENT', 'QUEUED') limit 1`);
    if (rows.length === 0) return;
    await delay(LOOK_EVERY_MS);
  }
}

/** Looks at the rows that every page reads; it ends at the first row that is not so, and costs next to nothing meanwhile. */
async function untilAll(status: 'online' | 'offline', database: Database): Promise<void> {
  for (;;) {
    const rows = await database.query('select from tpe_presence where status <> $1 limit 1', [status]);
    if (rows.length === 0) return;
    await delay(LOOK_EVERY_MS);
  }
}

/** How many gateways are online by its own account. */
export async function onlineIn(nodeRed: NodeRedProcess): Promise<number> {
  return sumOf(await metricsOf(nodeRed), 'tpedm_gateways', 'status="online"');
}

import { setTimeout as delay } from 'node:timers/promises';
import { startEmqx } from '../support/emqx/index.js';
import { startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';
import { cpuOf } from './cpu.js';
import { newDatabase } from './database.js';
import { below, type Figure } from './figure.js';
import { API, HOOK, SECRET, webhookEnvironment } from './intake-targets.js';
import { runLoad } from './load.js';
import { startSteadyLoad } from './steady.js';
import { clientidOf, GATEWAYS } from './webhook-bodies.js';

const CONNECTIONS = 32;
const SECONDS = 5;
const PER_SECOND = 200;
const COMING_AND_GOING = 300;
const SETTLE_MS = 3000;
const GOAL_MS = 0.05;

/** CPU of a second manager on the same PostgreSQL for each webhook that the first one takes, beyond what it needs when none come. */
export async function benchFollower(): Promise<Figure[]> {
  const { url, pids, stop } = await openTwo();
  await delay(SETTLE_MS);
  // First, since many gateways that come at once are asked for their profiles for long.
  const steady = await measure(pids[1]!, async () => {
    const range = { first: 0, count: COMING_AND_GOING, turn: 0 };
    const load = startSteadyLoad({ url, secret: SECRET, perSecond: PER_SECOND, range });
    await delay(SECONDS * 1000);
    const { answers, failed } = await load.take();
    await load.stop();
    return answers - failed;
  });
  const atFull = await measure(pids[1]!, async () => {
    return (await runLoad([url], SECRET, CONNECTIONS, SECONDS)).taken;
  });
  // At last, when all that a start does is done.
  await delay(SETTLE_MS);
  const idle = await cpuPerSecond(pids[1]!, () => delay(SECONDS * 1000));
  await stop();
  return [
    { what: 'idle manager beside another one that takes no webhooks: CPU', value: idle / 10, unit: '%' },
    {
      what: `idle manager: CPU for each webhook that the other takes, as many as it can (${CONNECTIONS} connections)`,
      ...{ value: more(atFull, idle), unit: 'ms', goal: below(GOAL_MS) },
    },
    {
      what: `idle manager: CPU for each webhook that the other takes, ${PER_SECOND} in a second`,
      ...{ value: more(steady, idle), unit: 'ms', goal: below(GOAL_MS) },
    },
  ];
}

/** Two managers, which find the gateways as the database has them, so that a start leaves them nothing to ask. */
async function openTwo(): Promise<{ url: string; pids: number[]; stop(): Promise<void> }> {
  const { options, database } = await newDatabase('follower');
  await database.query(
    `insert into clientid_profile (clientid, connection_status, connection_status_updated_at)
     select 'gw-' || number, number <= $2, 1790000000 from generate_series(1, $1) as number`,
    [GATEWAYS, COMING_AND_GOING],
  );
  await database.query('analyze');
  await database.close();
  const emqx = await startEmqx({ version: '5.8', ...API });
  await emqx.addClients(
    Array.from({ length: COMING_AND_GOING }, (_, number) => clientidOf(number)),
    { isSilent: true },
  );
  const env = webhookEnvironment(options.url, emqx);
  const both = await Promise.all([startNodeRed({ env }), startNodeRed({ env })]);
  for (const nodeRed of both)
    await restCaller(nodeRed).until('/api/device?limit=1', ({ status }) => status === 200);
  return {
    url: both[0].url + HOOK,
    pids: both.map(({ pid }) => pid),
    async stop() {
      await Promise.all(both.map(({ stop }) => stop()));
      await emqx.stop();
    },
  };
}

/** CPU of the second manager, ms for each second, and webhooks that were taken in each. */
interface Measured {
  cpu: number;
  taken: number;
}

/** ms of CPU for each webhook, beyond what is needed without. */
function more({ cpu, taken }: Measured, idle: number): number {
  return Math.max(0, cpu - idle) / taken;
}

/** `load` sends webhooks and resolves with how many were taken. */
async function measure(pid: number, load: () => Promise<number>): Promise<Measured> {
  let taken = 0;
  const begun = performance.now();
  const cpu = await cpuPerSecond(pid, async () => {
    taken = await load();
    // News of the last ones are on their way.
    await delay(500);
  });
  return { cpu, taken: (1000 * taken) / (performance.now() - begun) };
}

/** CPU of the second manager while the work is done, ms for each second. */
async function cpuPerSecond(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = cpuOf(pid);
  const begun = performance.now();
  await work();
  return ((cpuOf(pid) - before) * 1000) / (performance.now() - begun);
}

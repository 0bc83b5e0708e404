import { setTimeout as delay } from 'node:timers/promises';
import { cpuOf } from './cpu.js';
import { below, type Figure } from './figure.js';
import { ours, SECRET, type Target } from './intake-targets.js';
import { runLoad } from './load.js';
import { startSteadyLoad } from './steady.js';

const CONNECTIONS = 32;
const SECONDS = 5;
const PER_SECOND = 200;
const COMING_AND_GOING = 300;
const SETTLE_MS = 3000;
const GOAL_MS = 0.05;

/** CPU of a second manager on the same PostgreSQL for each webhook that the first one takes, beyond what it needs when none come. */
export async function benchFollower(): Promise<Figure[]> {
  const target = await ours(2)('follower');
  await delay(SETTLE_MS);
  const atFull = await measure(target, async (url) => {
    return (await runLoad([url], SECRET, CONNECTIONS, SECONDS)).taken;
  });
  const steady = await measure(target, async (url) => {
    const range = { first: 0, count: COMING_AND_GOING, turn: 0 };
    const load = startSteadyLoad({ url, secret: SECRET, perSecond: PER_SECOND, range });
    await delay(SECONDS * 1000);
    const { answers, failed } = await load.take();
    await load.stop();
    return answers - failed;
  });
  // At last, when all that a start does is done.
  await delay(SETTLE_MS);
  const idle = await cpuPerSecond(target, () => delay(SECONDS * 1000));
  await target.close();
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

/** CPU of the second manager, ms for each second, and webhooks that were taken in each. */
interface Measured {
  cpu: number;
  taken: number;
}

/** ms of CPU for each webhook, beyond what is needed without. */
function more({ cpu, taken }: Measured, idle: number): number {
  return Math.max(0, cpu - idle) / taken;
}

/** `load` sends webhooks to the URL and resolves with how many were taken. */
async function measure(target: Target, load: (url: string) => Promise<number>): Promise<Measured> {
  let taken = 0;
  const begun = performance.now();
  const cpu = await cpuPerSecond(target, async () => {
    taken = await load(target.urls[0]!);
    // News of the last ones are on their way.
    await delay(500);
  });
  return { cpu, taken: (1000 * taken) / (performance.now() - begun) };
}

/** CPU of the second manager while the work is done, ms for each second. */
async function cpuPerSecond({ pids }: Target, work: () => Promise<unknown>): Promise<number> {
  const before = cpuOf(pids[1]!);
  const begun = performance.now();
  await work();
  return ((cpuOf(pids[1]!) - before) * 1000) / (performance.now() - begun);
}

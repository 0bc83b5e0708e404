import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { KINDS, type Kind, openSite } from './beside-site.js';
import { type Once, WORKS } from './beside-works.js';
import { atMost, type Figure, median } from './figure.js';
import { HOOK, SECRET } from './intake-targets.js';
import { type SteadyFound, startSteadyLoad } from './steady.js';

const PER_SECOND = 200;
/** So few that each leaves and comes back every second or two, while commands go to others. */
const COMING_AND_GOING = 300;
const WARM_UP_MS = 3000;
const ALONE_MS = 2000;
const BESIDE_MS = 3000;

/** How long webhooks wait at a modest load beside what others do, against the same load alone; on both databases. */
export async function benchBeside(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of KINDS) figures.push(...(await measure(kind)));
  return figures;
}

async function measure(kind: Kind): Promise<Figure[]> {
  const site = await openSite(kind);
  const load = startSteadyLoad({
    ...{ url: site.nodeRed.url + HOOK, secret: SECRET, perSecond: PER_SECOND },
    range: { first: 0, count: COMING_AND_GOING, turn: 0 },
  });
  await delay(WARM_UP_MS);
  const alone: SteadyFound[] = [];
  const beside = new Map<string, SteadyFound>();
  for (const [name, prepare] of Object.entries(WORKS)) {
    const once = await prepare(site);
    await load.take();
    await delay(ALONE_MS);
    alone.push(await load.take());
    await againAndAgain(once, BESIDE_MS);
    beside.set(name, await load.take());
  }
  await load.stop();
  await site.stop();
  return figuresOf(kind, alone, beside);
}

/** As often as it is done within the time, at least once. */
async function againAndAgain(once: Once, ms: number): Promise<void> {
  const until = performance.now() + ms;
  do await once();
  while (performance.now() < until);
}

function figuresOf(
  kind: Kind,
  alone: readonly SteadyFound[],
  beside: ReadonlyMap<string, SteadyFound>,
): Figure[] {
  const slowestAlone = median(alone.map(({ slowest }) => slowest));
  const p99Alone = median(alone.map(({ p99 }) => p99));
  const all = [...alone, ...beside.values()];
  return [
    {
      what: `${kind}: longest wait of a webhook alone, ${PER_SECOND} in a second`,
      value: slowestAlone,
      unit: 'ms',
    },
    { what: `${kind}: slowest of 100 alone`, value: p99Alone, unit: 'ms' },
    ...[...beside].flatMap(([name, { slowest, p99 }]): Figure[] => [
      {
        what: `${kind}: longest wait beside ${name}, against alone`,
        ...{ value: slowest / slowestAlone, unit: 'x', goal: atMost(1.5) },
      },
      { what: `${kind}: slowest of 100 beside ${name}, against alone`, value: p99 / p99Alone, unit: 'x' },
    ]),
    {
      what: `${kind}: longest wait beside any of these, more than alone`,
      value: Math.max(0, Math.max(...[...beside.values()].map(({ slowest }) => slowest)) - slowestAlone),
      ...{ unit: 'ms', goal: atMost(50) },
    },
    {
      what: `${kind}: webhooks that were not taken`,
      value: all.reduce((sum, { failed }) => sum + failed, 0),
      goal: atMost(0),
    },
  ];
}

import { cpuOf } from './cpu.js';
import { atLeast, atMost, type Figure, median } from './figure.js';
import { type OpenTarget, ours, SECRET, script, stock, type Target } from './intake-targets.js';
import { type LoadResult, runLoad } from './load.js';

const SECONDS = 3;
const ROUNDS = 3;
const CONNECTIONS = [32, 128] as const;
const MAX_WORKERS = 3;
const WORKER = { TPE_FLOW: 'intake-worker', TPE_EDITOR: 'off' };

/** What a target did in one round. */
interface Round extends LoadResult {
  /** CPU time of its processes for each webhook, µs. */
  cpu: number;
}

type Rounds = ReadonlyMap<number, Round[]>;

/** Measures the targets by turns, A B A B, at each number of connections, so that what else the machine does meets all of them. */
async function byTurns<Name extends string>(
  openers: Readonly<Record<Name, OpenTarget>>,
  connections: readonly number[],
): Promise<Record<Name, Rounds>> {
  const names = Object.keys(openers) as Name[];
  const targets = new Map<Name, Target>();
  const taken = new Map<Name, number>();
  const results = Object.fromEntries(names.map((name) => [name, new Map()])) as Record<
    Name,
    Map<number, Round[]>
  >;
  for (const name of names) targets.set(name, await openers[name](name.toLowerCase().replaceAll(' ', '_')));
  const measure = async (name: Name, count: number, seconds: number) => {
    const { urls, pids } = targets.get(name)!;
    const cpu = () => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
    const before = cpu();
    const result = await runLoad(urls, SECRET, count, seconds);
    taken.set(name, (taken.get(name) ?? 0) + result.taken);
    return { ...result, cpu: (1000 * (cpu() - before)) / result.taken };
  };
  for (const name of names) await measure(name, 32, 2);
  for (const count of connections) {
    for (const name of names) results[name].set(count, []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of names) results[name].get(count)!.push(await measure(name, count, SECONDS));
    }
  }
  for (const [name, target] of targets) await target.check?.(taken.get(name)!);
  for (const target of targets.values()) await target.close();
  return results;
}

/** Webhooks that are in PostgreSQL when they are answered, against bare servers and other ways to take them. */
export async function benchIntake(): Promise<Figure[]> {
  const rounds = await byTurns(
    {
      own: ours(),
      limit: script('limit-server.js', { COMMITS: 'shared' }),
      single: script('limit-server.js', { COMMITS: 'single', CONNECTIONS: '1' }),
      pooled: script('limit-server.js', { COMMITS: 'single', CONNECTIONS: '10' }),
      manager: script('bare-manager.js'),
      stock,
    },
    CONNECTIONS,
  );
  return CONNECTIONS.flatMap((count) => figuresAt(count, rounds));
}

function figuresAt(
  count: number,
  rounds: Record<'own' | 'limit' | 'single' | 'pooled' | 'manager' | 'stock', Rounds>,
): Figure[] {
  const { own, limit, single, pooled, manager, stock } = rounds;
  const of = (target: Rounds, value: (round: Round) => number) => median(target.get(count)!.map(value));
  const against = (other: Rounds) =>
    median(own.get(count)!.map((round, at) => round.perSecond / other.get(count)![at]!.perSecond));
  const ratio = (words: string, value: number, unit: string, goal?: Figure['goal']): Figure => ({
    ...{ what: `${count} connections: against ${words}`, value, unit },
    ...(goal && { goal }),
  });
  return [
    { what: `${count} connections: taken`, value: of(own, ({ perSecond }) => perSecond), unit: '/s' },
    { what: `${count} connections: slowest of 100`, value: of(own, ({ p99 }) => p99), unit: 'ms' },
    { what: `${count} connections: CPU of Node-RED for each`, value: of(own, ({ cpu }) => cpu), unit: 'µs' },
    {
      what: `${count} connections: the limit, a bare server with one narrow upsert for all that wait`,
      ...{ value: of(limit, ({ perSecond }) => perSecond), unit: '/s' },
    },
    {
      what: `${count} connections: CPU of the limit for each`,
      ...{ value: of(limit, ({ cpu }) => cpu), unit: 'µs' },
    },
    ratio('the limit', 100 * against(limit), '%', atLeast(50)),
    ratio('one statement and one commit each', against(single), 'x', atLeast(12)),
    ratio('the same on ten connections, whose commits PostgreSQL joins', against(pooled), 'x'),
    ratio('a flow of stock nodes with pg', against(stock), 'x'),
    ratio('the same device manager without Node-RED', 100 * against(manager), '%'),
    {
      what: `${count} connections: refused or failed`,
      value: own.get(count)!.reduce((sum, { failed }) => sum + failed, 0),
      goal: atMost(0),
    },
  ];
}

/** The same by intake workers on one PostgreSQL, against one of them. */
export async function benchWorkers(): Promise<Figure[]> {
  const rounds = await byTurns(
    { one: ours(1, WORKER), two: ours(2, WORKER), three: ours(MAX_WORKERS, WORKER) },
    [128],
  );
  const [one, two, three] = [rounds.one, rounds.two, rounds.three].map((target) => target.get(128)!);
  const against = (many: Round[]) => median(many.map((round, at) => round.perSecond / one![at]!.perSecond));
  return [
    { what: 'one worker', value: median(one!.map(({ perSecond }) => perSecond)), unit: '/s' },
    { what: 'two workers, against one', value: against(two!), unit: 'x' },
    { what: 'three workers, against one', value: against(three!), unit: 'x' },
  ];
}

import type { ClusterMessage } from '../cluster/messages.js';
import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Database } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { fewerAllowed } from './fewer-allowed.js';
import type { Guard, GuardNews, SlotAnswer, SlotRequest } from './guard.js';
import { createHoldList } from './hold-list.js';
import { createLimits } from './limits.js';
import { KNOWN_OWNERS, type OwnerStandings } from './owners.js';
import { createSettling, GUARD_TIMES, type GuardTimes } from './settling.js';
import { createStops } from './stops.js';
import { createSweep } from './sweep.js';
import { takeSlots } from './take-slots.js';

export interface GuardOptions {
  database: Database;
  schedule: Schedule;
  /** Whether the broker tells who is connected. */
  knowsPresence(): boolean;
  /** Tells the other managers, as `Cluster` does. */
  broadcast(kind: ClusterMessage['kind'], about: string | null, more?: string | null): void;
  /** Called when slots of these gateways have come back, here or elsewhere, so that who waits for any slot can try again. */
  onFree(clientids: readonly string[]): void;
  /** Called when stops, limits or slots have changed, here or elsewhere. */
  onChanged(news: GuardNews): void;
  onFault(text: string): void;
  /** What became of owners of further kinds; see OwnerStandings. */
  owners?: OwnerStandings;
  times?: Partial<GuardTimes>;
}

const MAX_BATCH = 200;
const MAX_WAITING = 20_000;
/** How long who wants a slot waits for a database that is away, ms. */
const PATIENCE_MS = 5000;
const NEWS: ReadonlySet<string> = new Set<GuardNews>(['stops', 'limits', 'holds']);
/** In a cluster message, what has happened to the slot of a gateway. */
const FREE = 'free';

/** Creates the guard on a migrated database. It gives back nothing by itself before `start`. */
export function createGuard(options: GuardOptions): Guard {
  const { database, broadcast, knowsPresence } = options;
  const stops = createStops(database);
  const limits = createLimits(database);
  const list = createHoldList(database);
  const times = { ...GUARD_TIMES, ...options.times };
  const settling = createSettling({
    ...{ database, knowsPresence, owners: { ...KNOWN_OWNERS, ...options.owners } },
    times,
  });
  const sweep = createSweep({
    ...{ settling, schedule: options.schedule, times },
    ...{ onFreed: freed, onStuck: () => changed('holds'), onFault: options.onFault },
  });
  const takes = createGroupCommit<SlotRequest, SlotAnswer>({
    ...{ maxBatch: MAX_BATCH, maxWaiting: MAX_WAITING },
    async write(requests) {
      const answers = await database.transaction((transaction) =>
        takeSlots(transaction, requests, knowsPresence()),
      );
      if (answers.includes(null)) changed('holds');
      return answers;
    },
  });

  function changed(news: GuardNews): void {
    options.onChanged(news);
    broadcast('guard', null, news);
  }

  function freed(clientids: readonly string[]): void {
    options.onFree(clientids);
    for (const clientid of clientids) broadcast('guard', clientid, FREE);
    changed('holds');
  }

  return {
    async stop(given, by) {
      const { stop, isNew } = await stops.stop(given, by);
      if (isNew) changed('stops');
      return stop;
    },
    async lift(id, by) {
      const stop = await stops.lift(id, by);
      changed('stops');
      return stop;
    },
    stops: stops.list,
    activeStops: stops.active,
    stopOf: (clientid, job = null) => stops.of(clientid, job),
    take: (request) => takes.add(request, PATIENCE_MS),
    takeMany: (transaction, requests, most) => takeSlots(transaction, requests, knowsPresence(), most),
    holdsChanged: () => changed('holds'),
    async ended(owner, how) {
      const { freed: free, settling: settles } = await settling.end(owner, how);
      if (free.length > 0) return freed(free);
      if (settles === 0) return;
      changed('holds');
      sweep.wake();
    },
    holds: list.list,
    async release(release) {
      const hold = await list.release(release);
      freed([hold.clientid]);
      return hold;
    },
    limits: limits.list,
    fewerAllowed: (asked) => fewerAllowed(database, limits, asked),
    async setLimit(limit, by) {
      await limits.set(limit, by);
      changed('limits');
    },
    counts: list.counts,
    gatewayChanged: (clientid) => sweep.wake(clientid),
    changedElsewhere(items) {
      const free = items.flatMap(([clientid, what]) =>
        what === FREE && clientid !== null ? [clientid] : [],
      );
      if (free.length > 0) options.onFree(free);
      const news = new Set(items.flatMap(([, what]) => (what !== null && NEWS.has(what) ? [what] : [])));
      for (const each of news) options.onChanged(each as GuardNews);
      if (news.has('holds')) sweep.wake();
    },
    start: sweep.start,
    sweep: sweep.round,
    async close() {
      await sweep.close();
      await takes.close();
    },
  };
}

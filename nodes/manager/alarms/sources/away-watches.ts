import { watchAwaySince } from '../../broker/away-since.js';
import type { Broker } from '../../broker/broker.js';
import { wordsOfOthers } from '../../shared/reason.js';
import type { BrokerAway, DatabaseGap } from './system.js';

/**
 * Knows since when no manager reaches the broker. Create it before the broker is opened, so that it misses no change; `othersReach` says whether
 * another manager reaches it.
 */
export function watchBrokerAway(
  broker: Pick<Broker, 'health' | 'onHealth'>,
  othersReach: () => boolean,
): () => BrokerAway | null {
  const awaySince = watchAwaySince(broker);
  return () => {
    const since = awaySince();
    if (since === null || othersReach()) return null;
    return { since: new Date(since), why: wordsOfOthers(broker.health().detail) };
  };
}

/** What is known of when this manager could not reach the database. */
export interface DatabaseGaps {
  /** To be called when the database stops answering, and when it answers again. */
  changed(isAway: boolean): void;
  /** The last gap that is over; null: there was none, or it is long over. */
  last(): DatabaseGap | null;
}

/** What was longer ago has been told of, or nobody wanted to hear it. */
const TOLD_FOR_MS = 10 * 60_000;

/** Creates it; times are those of this manager's clock. */
export function watchDatabaseGaps(now: () => number = Date.now): DatabaseGaps {
  let from: number | null = null;
  let last: DatabaseGap | null = null;
  return {
    changed(isAway) {
      if (isAway) from ??= now();
      else if (from !== null) {
        last = { from: new Date(from), to: new Date(now()) };
        from = null;
      }
    },
    last() {
      if (last !== null && now() - last.to.getTime() > TOLD_FOR_MS) last = null;
      return last;
    },
  };
}

import { watchAwaySince } from '../broker/away-since.js';
import type { Broker } from '../broker/broker.js';

/**
 * Up to which time presence is known. While no manager reaches the broker, this is the time (ISO 8601 UTC) of the last
 * confirmed state: presence is shown as it was then, since nobody can know it now. Null while this manager or another one
 * reaches the broker, so that presence is current.
 */
export type PresenceAsOf = string | null;

export interface PresenceAsOfWatch {
  asOf(): PresenceAsOf;
  /**
   * Call it when an event or a check has just confirmed presence. Webhooks can still arrive while this manager has no connection
   * to the broker, and they move the time forward.
   */
  heard(): void;
}

/**
 * Watches the broker's health to know how current presence is. Create it before the broker is opened, so that it misses no
 * change. `othersKnow` says whether another manager reaches the broker and keeps presence up to date.
 */
export function watchPresenceAsOf(
  broker: Pick<Broker, 'health' | 'onHealth'>,
  othersKnow: () => boolean,
): PresenceAsOfWatch {
  // What the database holds from before this start may be older than now, but never newer.
  const awaySince = watchAwaySince(broker);
  let heardAt = 0;
  return {
    asOf() {
      const since = awaySince();
      if (since === null || othersKnow()) return null;
      return new Date(Math.max(since, heardAt)).toISOString();
    },
    heard() {
      heardAt = Date.now();
    },
  };
}

import type { Broker } from '../broker/broker.js';

/**
 * How far presence can be believed: ISO 8601 UTC while the broker is away, since when nothing was heard of it: what is said of
 * the gateways was so then, and nobody knows how it is now. Null while the broker is there, for this manager or for another.
 */
export type PresenceAsOf = string | null;

export interface PresenceAsOfWatch {
  asOf(): PresenceAsOf;
  /** The time until which presence was up to date: events may arrive although the rest of the broker is away. */
  heard(): void;
}

/** Create it before the broker is opened. `othersKnow`: another manager reaches the broker and keeps presence up to date. */
export function watchPresenceAsOf(
  broker: Pick<Broker, 'health' | 'onHealth'>,
  othersKnow: () => boolean,
): PresenceAsOfWatch {
  // State from before this manager started may be older, never newer.
  let awaySince: number | null = broker.health().connected ? null : Date.now();
  let heardAt = 0;
  broker.onHealth(({ connected }) => {
    if (connected) awaySince = null;
    else awaySince ??= Date.now();
  });
  return {
    asOf() {
      if (awaySince === null || othersKnow()) return null;
      return new Date(Math.max(awaySince, heardAt)).toISOString();
    },
    heard() {
      heardAt = Date.now();
    },
  };
}

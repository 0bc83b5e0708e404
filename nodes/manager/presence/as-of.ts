import type { Broker } from '../broker/broker.js';

/**
 * How far presence can be believed: ISO 8601 UTC while the broker is away, since when nothing was heard of it: what is said of
 * the gateways was so then, and nobody knows how it is now. Null while the broker is there, for this manager or for another.
 */
export type PresenceAsOf = string | null;

export interface PresenceAsOfWatch {
  asOf(): PresenceAsOf;
  /** Who is online was told, or compared, until now: events may come although the rest of the broker is away. */
  heard(): void;
}

/** To be made before the broker is opened. `othersKnow`: another manager reaches it, and keeps what is held true. */
export function watchPresenceAsOf(
  broker: Pick<Broker, 'health' | 'onHealth'>,
  othersKnow: () => boolean,
): PresenceAsOfWatch {
  // What was known before this manager was there may be older; it is not younger.
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

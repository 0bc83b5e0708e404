import type { PresenceStatus } from '../registry/presence-status.js';

/** One gateway's state, with its reason: what tpe-status sends. */
export interface Presence {
  clientid: string;
  status: PresenceStatus;
  /** ISO 8601 UTC; null when never seen. */
  since: string | null;
  reason: string | null;
  source: string | null;
  /** As of when that is, where the broker is away; see Device. */
  presenceAsOf: string | null;
  /** What is wrong with how it connects, for a person: an unstable link, a client id used twice. */
  warning: string | null;
}

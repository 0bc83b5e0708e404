import type { PresenceStatus } from '../registry/presence-status.js';

/** The state of one gateway, with its reason, as tpe-status sends it. */
export interface Presence {
  clientid: string;
  status: PresenceStatus;
  /** ISO 8601 UTC; null when never seen. */
  since: string | null;
  reason: string | null;
  source: string | null;
  /** As of when that is, where the broker is away; see Device. */
  presenceAsOf: string | null;
  /** A fault of its connection, for a person: an unstable link, a client id used twice. */
  warning: string | null;
}

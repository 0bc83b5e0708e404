import type { PresenceStatus } from '../registry/presence-status.js';
import type { Cause } from '../shared/reason.js';

/** The state of one gateway, with its reason, as tpe-status sends it. */
export interface Presence {
  clientid: string;
  status: PresenceStatus;
  /** ISO 8601 UTC; null when never seen. */
  since: string | null;
  reason: string | null;
  cause: Cause | null;
  source: string | null;
  /** ISO 8601 UTC: while the broker is away, the time for which this state is known. Null: it is the state now. See Device. */
  presenceAsOf: string | null;
  /** A problem with the gateway's connection, for a person: an unstable link, a client id used twice. Null if there is none. */
  warning: string | null;
  warningCause: Cause | null;
}

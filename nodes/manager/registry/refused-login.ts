import type { RefusalReason } from '../broker/events.js';
import { refusalReason } from '../broker/refusal-reasons.js';
import type { Cause, Reason } from '../shared/reason.js';
import { connectionReason } from './connection-reasons.js';
import type { PresenceStatus } from './presence-status.js';

/** A series of refused logins with a gateway's client id. Nothing proves that they came from the gateway. */
export interface RefusedLogin {
  /** The times of the first (`since`) and the last (`at`) of them, ISO 8601 UTC. */
  since: string;
  at: string;
  count: number;
  /** Address, username and reason are those of the last one. */
  address: string | null;
  username: string | null;
  reason: RefusalReason;
  /** The reason in words for a person. */
  why: string;
  cause: Cause | null;
}

/** The column `refused_login` of tpe_presence; times are ms since the epoch. */
export interface StoredRefusal {
  since: number;
  at: number;
  count: number;
  address: string | null;
  username: string | null;
  reason: RefusalReason;
}

export interface RefusedRow {
  status: PresenceStatus;
  presence_since: Date | null;
  refused_login: StoredRefusal | null;
}

/** The columns that the functions below read, of tpe_presence under the alias `device`. */
export const REFUSED_COLUMNS = 'device.refused_login';

/** How long refused logins are shown. If the gateway is online they came from another client, so they soon stop being of interest. */
const TOLD_FOR_MS = { away: 7 * 24 * 3_600_000, online: 20 * 60_000 };

/** Returns the refused logins of a gateway that are recent enough to be shown; null if there are none. `now` is ms since the epoch. */
export function refusedLogin(row: RefusedRow, now: number): RefusedLogin | null {
  const refused = row.refused_login;
  if (refused === null) return null;
  const isOnline = row.status === 'online';
  if (isOnline && row.presence_since !== null && row.presence_since.getTime() > refused.at) return null;
  if (now - refused.at > (isOnline ? TOLD_FOR_MS.online : TOLD_FOR_MS.away)) return null;
  const { text: why, cause } = refusalReason(refused.reason);
  return {
    ...refused,
    why,
    cause,
    since: new Date(refused.since).toISOString(),
    at: new Date(refused.at).toISOString(),
  };
}

/** Describes the same for a person in one sentence; null if there is nothing to report. */
export function refusedWarning(row: RefusedRow, now: number): Reason | null {
  const refused = refusedLogin(row, now);
  if (refused === null) return null;
  const { count: times } = refused;
  const why = refusalReason(refused.reason);
  const address = refused.address ?? connectionReason('address-unknown');
  if (times === 1) return connectionReason('login-refused', { address, why });
  return connectionReason('login-refused-often', { times, address, why });
}

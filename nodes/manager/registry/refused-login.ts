import type { RefusalReason } from '../broker/events.js';
import { REFUSAL_WORDS } from '../broker/refusal-words.js';
import type { PresenceStatus } from './presence-status.js';

/** A series of refused logins with a gateway's client id. The client's claims are unproven. */
export interface RefusedLogin {
  /** The first and the last of them, ISO 8601 UTC. */
  since: string;
  at: string;
  count: number;
  /** Of the last. */
  address: string | null;
  username: string | null;
  reason: RefusalReason;
  /** The reason for a person. */
  why: string;
}

/** The column `refused_login` of clientid_profile; times are ms since the epoch. */
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

/** The columns that the functions below read, of clientid_profile under the alias `device`. */
export const REFUSED_COLUMNS = 'device.refused_login';

/** A gateway that was not let in since is in trouble for long; beside one that is online it was somebody else. */
const TOLD_FOR_MS = { away: 7 * 24 * 3_600_000, online: 20 * 60_000 };

/** The refused logins of a gateway that a person should still know of; null mostly. */
export function refusedLogin(row: RefusedRow, now: number): RefusedLogin | null {
  const refused = row.refused_login;
  if (refused === null) return null;
  const isOnline = row.status === 'online';
  if (isOnline && row.presence_since !== null && row.presence_since.getTime() > refused.at) return null;
  if (now - refused.at > (isOnline ? TOLD_FOR_MS.online : TOLD_FOR_MS.away)) return null;
  return {
    ...refused,
    why: REFUSAL_WORDS[refused.reason],
    since: new Date(refused.since).toISOString(),
    at: new Date(refused.at).toISOString(),
  };
}

/** The same as one sentence; null if there is nothing to report. */
export function refusedWarning(row: RefusedRow, now: number): string | null {
  const refused = refusedLogin(row, now);
  if (refused === null) return null;
  const { count, why } = refused;
  const address = refused.address ?? 'an unknown address';
  if (count === 1) return `login refused, from ${address}: ${why}`;
  return `login refused ${count} times, the last from ${address}: ${why}`;
}

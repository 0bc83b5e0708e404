import type { Row } from '../database/database.js';
import type { Hold, OwnerKind } from './guard.js';

/** The columns of a Hold, of tpe_guard_hold under the alias `hold`. */
export const HOLD_COLUMNS = `
  hold.id::text as id, hold.clientid, hold.owner_kind, hold.owner_id, hold.site, hold.model, hold.redundancy, hold.state,
  hold.since, hold.ended_at, hold.stuck_since`;

export interface HoldRow extends Row {
  id: string;
  clientid: string;
  owner_kind: OwnerKind;
  owner_id: string;
  site: string;
  model: string;
  redundancy: string;
  state: Hold['state'];
  since: Date;
  ended_at: Date | null;
  stuck_since: Date | null;
}

export function toHold(row: HoldRow): Hold {
  return {
    id: row.id,
    clientid: row.clientid,
    owner: { kind: row.owner_kind, id: row.owner_id },
    site: row.site,
    model: row.model,
    redundancy: row.redundancy,
    state: row.state,
    since: row.since.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    stuckSince: row.stuck_since?.toISOString() ?? null,
  };
}

/**
 * SQL: the gateway is connected, as far as that is known. `trusted` is SQL of whether the broker tells who is; where it does not, a gateway
 * that was never seen may just be silent.
 */
export const IS_PRESENT = (presence: string, trusted: string) =>
  `(${presence}.status = 'online' or not ${trusted} and ${presence}.status = 'never_seen')`;

/** SQL of a text that differs in each session. */
export const SESSION_OF = (presence: string) =>
  `concat_ws(' ', ${presence}.status, extract(epoch from ${presence}.since), ${presence}.session_connected_at)`;

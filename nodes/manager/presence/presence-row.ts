import type { Row } from '../database/database.js';
import type { PresenceStatus } from '../registry/presence-status.js';
import { connectWarning, WARNING_COLUMNS, type WarningRow } from '../registry/warning.js';
import type { Presence } from './presence.js';

/** The columns that toPresence reads, of clientid_profile under the alias `device`. */
export const PRESENCE_COLUMNS = `device.clientid, device.status, device.presence_since, device.presence_reason,
  device.presence_source, ${WARNING_COLUMNS}`;

export interface PresenceRow extends Row, WarningRow {
  clientid: string;
  status: PresenceStatus;
  presence_since: Date | null;
  presence_reason: string | null;
  presence_source: string | null;
}

/** Converts one row of clientid_profile to a Presence; its warning depends on the current time. */
export function toPresence(row: PresenceRow): Presence {
  return {
    clientid: row.clientid,
    status: row.status,
    since: row.presence_since?.toISOString() ?? null,
    reason: row.presence_reason,
    source: row.presence_source,
    // Callers report a row that they have just read or written, so it is the state now.
    presenceAsOf: null,
    warning: connectWarning(row, Date.now()),
  };
}

import { causeText } from '../database/cause-text.js';
import type { Row } from '../database/database.js';
import type { PresenceStatus } from '../registry/presence-status.js';
import { connectWarning, WARNING_COLUMNS, type WarningRow } from '../registry/warning.js';
import type { Cause, Reason } from '../shared/reason.js';
import type { Presence } from './presence.js';

/** The columns that toPresence reads, of tpe_presence under the alias `device`. */
export const PRESENCE_COLUMNS = `device.clientid, device.status, device.since as presence_since, device.reason as presence_reason,
  device.cause as presence_cause, device.source as presence_source, ${WARNING_COLUMNS}`;

export interface PresenceRow extends Row, WarningRow {
  clientid: string;
  status: PresenceStatus;
  presence_since: Date | null;
  presence_reason: string | null;
  presence_cause: Cause | null;
  presence_source: string | null;
}

/** The values of the columns reason and cause. */
export function storedReason({ text, cause }: Reason): [text: string, cause: string | null] {
  return [text, causeText({ cause })];
}

/** Converts one row of tpe_presence to a Presence; its warning depends on the current time. */
export function toPresence(row: PresenceRow): Presence {
  const warning = connectWarning(row, Date.now());
  return {
    clientid: row.clientid,
    status: row.status,
    since: row.presence_since?.toISOString() ?? null,
    reason: row.presence_reason,
    cause: row.presence_cause,
    source: row.presence_source,
    // Callers report a row that they have just read or written, so it is the state now.
    presenceAsOf: null,
    warning: warning?.text ?? null,
    warningCause: warning?.cause ?? null,
  };
}

import type { Row } from '../../database/database.js';
import type { Fault } from '../../shared/fault.js';
import type { Cause } from '../../shared/reason.js';
import type { CommandRecord, CommandState } from '../command.js';
import type { NewCommand } from '../command-store.js';
import { jobOf } from '../execution-key.js';
import { faultsText } from './statements.js';

/** The columns of what the database decides about a new command, of tpe_command under the alias `command`. */
export const DECIDED_COLUMNS = `
  command.request_id::text as request_id, command.state, command.reason, command.cause, command.reason_code,
  command.request_body`;

export interface DecidedRow extends Row {
  request_id: string;
  state: CommandState;
  reason: string | null;
  cause: Cause | null;
  reason_code: string | null;
  request_body: unknown;
}

/**
 * Returns the record of a command that has just been written, as toRecord would read it. What is known here is not read back: of each column
 * of a result, the driver is told name and type every time. `at` is the time of the write, ms since the epoch.
 */
export function newRecord(command: NewCommand, row: DecidedRow, instance: string, at: number): CommandRecord {
  const { state } = row;
  const time = new Date(at).toISOString();
  return {
    requestId: command.requestId,
    clientid: command.clientid,
    operation: command.operation,
    method: command.method,
    path: command.path,
    // As JSON of the database has it.
    requestBody: row.request_body,
    state,
    reason: row.reason,
    cause: row.reason === null ? null : row.cause,
    reasonCode: row.reason_code,
    whenOffline: command.whenOffline,
    whenGuarded: command.whenGuarded,
    timeoutMs: command.timeoutMs,
    requestedBy: command.requestedBy,
    instance,
    createdAt: time,
    expiresAt: new Date(command.expiresAt).toISOString(),
    sentAt: state === 'SENT' ? time : null,
    endedAt: state === 'SENT' || state === 'QUEUED' ? null : time,
    latencyMs: null,
    answer: null,
    faults: JSON.parse(faultsText(command.faults) ?? '[]') as Fault[],
    risk: command.risk,
    classes: [...command.classes],
    job: jobOf(command.execution),
  };
}

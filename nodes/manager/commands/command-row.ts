import type { Risk, RiskClass } from '../catalogue/risk.js';
import type { Row } from '../database/database.js';
import type { Fault } from '../shared/fault.js';
import type { Cause } from '../shared/reason.js';
import type { CommandRecord, CommandState, WhenGuarded, WhenOffline } from './command.js';
import { jobOf } from './execution-key.js';

/** The columns that toRecord reads, of tpe_command under the alias `command`. */
export const COMMAND_COLUMNS = `
  command.request_id::text as request_id, command.clientid, command.method, command.path, command.request_body,
  command.state, command.reason, command.cause, command.reason_code, command.when_offline, command.when_guarded,
  command.timeout_ms, command.expires_at,
  command.requested_by, command.instance, command.created_at, command.sent_at, command.answered_at,
  command.ended_at, command.answer_status, command.answer_payload, command.operation, command.faults,
  command.risk, command.classes, command.execution`;

export interface CommandRow extends Row {
  request_id: string;
  clientid: string;
  method: string;
  path: string;
  request_body: unknown;
  state: CommandState;
  reason: string | null;
  cause: Cause | null;
  reason_code: string | null;
  when_offline: WhenOffline;
  /** Null: a record from before there was a guard. */
  when_guarded: WhenGuarded | null;
  timeout_ms: number;
  expires_at: Date;
  requested_by: string;
  instance: string;
  created_at: Date;
  sent_at: Date | null;
  answered_at: Date | null;
  ended_at: Date | null;
  answer_status: number | null;
  answer_payload: unknown;
  operation: string | null;
  faults: Fault[] | null;
  risk: Risk | null;
  classes: RiskClass[] | null;
  execution: string | null;
}

/** Converts a row of tpe_command to a CommandRecord. */
export function toRecord(row: CommandRow): CommandRecord {
  const latency = row.sent_at && row.answered_at ? row.answered_at.getTime() - row.sent_at.getTime() : null;
  return {
    requestId: row.request_id,
    clientid: row.clientid,
    operation: row.operation,
    method: row.method,
    path: row.path,
    requestBody: row.request_body,
    state: row.state,
    reason: row.reason,
    // An older manager beside this one writes the reason alone.
    cause: row.reason === null ? null : row.cause,
    reasonCode: row.reason_code,
    whenOffline: row.when_offline,
    whenGuarded: row.when_guarded ?? 'fail',
    timeoutMs: row.timeout_ms,
    requestedBy: row.requested_by,
    instance: row.instance,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    latencyMs: latency === null ? null : Math.max(0, latency),
    answer: row.answer_status === null ? null : { status: row.answer_status, payload: row.answer_payload },
    faults: row.faults ?? [],
    risk: row.risk,
    classes: row.classes ?? [],
    job: jobOf(row.execution),
  };
}

import type { Row } from '../../database/database.js';
import type { Cause } from '../../shared/reason.js';
import type { Execution, ExecutionState, WaitingFor } from '../execution.js';

/** The columns that toExecution reads, of tpe_job_execution as `execution`. */
export const EXECUTION_COLUMNS = `execution.job::text as job, execution.clientid, execution.state, execution.waiting_for,
  execution.waiting_reason, execution.waiting_cause, execution.next_at, execution.deadline, execution.step, execution.attempts,
  execution.reason, execution.cause, execution.is_uncertain, execution.site, execution.model, execution.version, execution.started_at,
  execution.ended_at, execution.changed_no`;

/** A row of tpe_job_execution by EXECUTION_COLUMNS. */
export interface ExecutionRow extends Row {
  job: string;
  clientid: string;
  state: ExecutionState;
  waiting_for: WaitingFor | null;
  waiting_reason: string | null;
  waiting_cause: Cause | null;
  /** `-infinity`, which the drivers give as a number, is "at once". */
  next_at: Date | number | null;
  deadline: Date | null;
  step: number;
  attempts: number;
  reason: string | null;
  cause: Cause | null;
  is_uncertain: boolean;
  site: string;
  model: string | null;
  version: string | null;
  started_at: Date | null;
  ended_at: Date | null;
  changed_no: number;
}

export function toExecution(row: ExecutionRow): Execution {
  return {
    job: row.job,
    clientid: row.clientid,
    state: row.state,
    waitingFor: row.waiting_for,
    waitingReason: row.waiting_reason,
    waitingCause: row.waiting_cause,
    until: untilOf(row),
    step: row.step,
    doing: null,
    attempts: row.attempts,
    reason: row.reason,
    cause: row.cause,
    isUncertain: row.is_uncertain,
    site: row.site,
    model: row.model,
    version: row.version,
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    changedNo: row.changed_no,
  };
}

/** One that waits for its gateway does so until its deadline; the others are looked at again at a time of their own. */
function untilOf({ state, waiting_for, next_at, deadline }: ExecutionRow): string | null {
  if (state === 'IN_PROGRESS' || waiting_for === 'offline') return deadline?.toISOString() ?? null;
  if (waiting_for === null || waiting_for === 'rate') return null;
  return next_at instanceof Date ? next_at.toISOString() : null;
}

import type { Risk, RiskClass } from '../../catalogue/risk.js';
import type { Row } from '../../database/database.js';
import type { Cause } from '../../shared/reason.js';
import type { JobPace, JobStep } from '../definition/definition.js';
import { EXECUTION_STATES, type ExecutionState } from '../execution.js';
import type { ExecutionCounts, JobState, JobWithoutIds, Outcome, PauseReason } from '../job.js';

/** The column of tpe_job that counts the executions in a state. */
export function counterOf(state: ExecutionState): string {
  return state.toLowerCase();
}

const COUNTERS = EXECUTION_STATES.map((state) => `job.${counterOf(state)}`).join(', ');

/** The columns that toJob reads, of tpe_job as `job`. */
export const JOB_COLUMNS = `job.id::text as id, job.name, job.note, job.definition, job.steps, job.pace, job.submitted_pace,
  job.hash, job.value_set, job.risk, job.classes, job.state, job.pause_reason, job.reason, job.cause, job.outcome, job.version,
  job.requested_by, job.created_at, job.submitted_at, job.ended_at, job.updated_at, job.create_cursor, job.creator, job.preview_hash,
  job.total, job.failures_in_row, job.tried, job.tried_failed, job.is_forgotten, ${COUNTERS}`;

type CounterColumns = Record<Lowercase<ExecutionState>, number>;

/** A row of tpe_job by JOB_COLUMNS. */
export interface JobRow extends Row, CounterColumns {
  id: string;
  name: string;
  note: string;
  /** `readDefinition` has it with its client ids. */
  definition: JobWithoutIds['definition'];
  steps: JobStep[];
  pace: JobPace;
  submitted_pace: JobPace | null;
  hash: string;
  value_set: number | null;
  risk: Risk;
  classes: RiskClass[];
  state: JobState;
  pause_reason: PauseReason | null;
  reason: string | null;
  cause: Cause | null;
  outcome: Outcome | null;
  version: number;
  requested_by: string;
  created_at: Date;
  submitted_at: Date | null;
  ended_at: Date | null;
  updated_at: Date;
  create_cursor: string | null;
  creator: string | null;
  preview_hash: string | null;
  total: number;
  failures_in_row: number;
  tried: number;
  tried_failed: number;
  is_forgotten: boolean;
}

export function countsOf(row: JobRow): ExecutionCounts {
  const counts = EXECUTION_STATES.map((state) => [state, row[counterOf(state) as Lowercase<ExecutionState>]]);
  return Object.fromEntries(counts) as ExecutionCounts;
}

export function toJob(row: JobRow): JobWithoutIds {
  return {
    id: row.id,
    name: row.name,
    note: row.note,
    definition: row.definition,
    steps: row.steps,
    pace: row.pace,
    state: row.state,
    pauseReason: row.pause_reason,
    reason: row.reason,
    cause: row.cause,
    outcome: row.outcome,
    risk: row.risk,
    classes: row.classes,
    version: row.version,
    total: row.total,
    counts: countsOf(row),
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
    submittedAt: row.submitted_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    updatedAt: row.updated_at.toISOString(),
  };
}

/** Whether a text can be the id of a job: the digits of a bigint. */
export function isJobId(text: unknown): text is string {
  return typeof text === 'string' && /^[1-9][0-9]{0,17}$/.test(text);
}

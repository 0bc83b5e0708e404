import { causeText } from '../../database/cause-text.js';
import type { Queryable } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import { EXECUTION_STATES, type ExecutionState } from '../execution.js';
import type { PauseReason } from '../job.js';
import type { Tries } from './abort-rule.js';
import { counterOf, countsOf, JOB_COLUMNS, type JobRow } from './job-row.js';
import { endOf, outcomeOf } from './outcome.js';

// The counters of a job change in the transaction that changes its executions. Whoever changes any locks the row of the job first, so that
// nobody waits for another in a circle, and the counters that were read are the ones that hold.

const LOCK = `select ${JOB_COLUMNS} from tpe_job job where job.id = any($1::bigint[]) order by job.id for update`;

const COUNTERS = EXECUTION_STATES.map((state, index) => `${counterOf(state)} = $${index + 2}`).join(', ');

const WRITE = `
  update tpe_job job set ${COUNTERS}, total = $12, state = $13, pause_reason = $14, reason = $15, cause = $16::jsonb,
    outcome = $17, version = job.version + $18, failures_in_row = $19, tried = $20, tried_failed = $21, updated_at = now(),
    ended_at = case when $13 in ('COMPLETED', 'CANCELED') then coalesce(job.ended_at, now()) end
  where job.id = $1::bigint returning ${JOB_COLUMNS}`;

/** The last point of its burn-up line; it may have one of the same transaction. */
const NOTE_END = `
  insert into tpe_job_progress (job, succeeded, failed)
  select job.id, job.succeeded + job.already_done, job.failed + job.timed_out + job.rejected + job.expired
  from tpe_job job where job.id = $1::bigint and job.total > 0
  on conflict (job, at) do update set succeeded = excluded.succeeded, failed = excluded.failed`;

/** What becomes of a job as its executions change. */
export interface JobChange {
  /** By how much the number of executions in a state grows. */
  deltas: ReadonlyMap<ExecutionState, number>;
  /** By how much their number grows; they are never fewer. */
  more?: number;
  tries?: Tries;
  /** It is paused for this, if it runs. */
  pause?: { why: PauseReason; reason: Reason } | null;
}

/** Locks the rows of jobs and resolves with them, in the order of their ids. */
export async function lockJobs(transaction: Queryable, ids: readonly string[]): Promise<JobRow[]> {
  return await transaction.query<JobRow>(LOCK, [ids]);
}

/** Locks the row of one job; null if there is none. */
export async function lockJob(transaction: Queryable, id: string): Promise<JobRow | null> {
  return (await lockJobs(transaction, [id]))[0] ?? null;
}

/** Writes how a locked job stands now, and ends it if nothing of it is open any more. Resolves with its row. */
export async function writeCounts(
  transaction: Queryable,
  row: JobRow,
  { deltas, more = 0, tries = triesOf(row), pause = null }: JobChange,
): Promise<JobRow> {
  const counts = countsOf(row);
  for (const [state, by] of deltas) counts[state] += by;
  const total = row.total + more;
  const pauses = pause !== null && row.state === 'RUNNING';
  // Not all are there yet.
  const isPart = row.state === 'CREATING' || row.pause_reason === 'recording';
  const state = isPart ? row.state : endOf(pauses ? 'PAUSED' : row.state, counts);
  const isOver = state === 'COMPLETED' || state === 'CANCELED';
  const told = { pauseReason: row.pause_reason, text: row.reason, cause: causeText({ cause: row.cause }) };
  if (pauses)
    Object.assign(told, { pauseReason: pause.why, text: pause.reason.text, cause: causeText(pause.reason) });
  if (state === 'COMPLETED') Object.assign(told, { pauseReason: null, text: null, cause: null });
  const [written] = await transaction.query<JobRow>(WRITE, [
    row.id,
    ...EXECUTION_STATES.map((one) => counts[one]),
    total,
    state,
    told.pauseReason,
    told.text,
    told.cause,
    isOver ? outcomeOf(total, counts) : null,
    state === row.state ? 0 : 1,
    tries.failuresInRow,
    tries.tried,
    tries.failed,
  ]);
  if (isOver && row.state !== state) await transaction.query(NOTE_END, [row.id]);
  return written!;
}

export function triesOf(row: JobRow): Tries {
  return { failuresInRow: row.failures_in_row, tried: row.tried, failed: row.tried_failed };
}

/** Counts moves from one state to another. */
export function countMoves(moves: Iterable<readonly [from: ExecutionState, to: ExecutionState]>) {
  const deltas = new Map<ExecutionState, number>();
  for (const [from, to] of moves) {
    deltas.set(from, (deltas.get(from) ?? 0) - 1);
    deltas.set(to, (deltas.get(to) ?? 0) + 1);
  }
  return deltas;
}

import { causeText } from '../../database/cause-text.js';
import type { Queryable } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import { quotable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { JobAct, JobState, PauseReason } from '../job.js';
import { jobReason } from '../job-reasons.js';
import { lockJob } from '../store/job-counts.js';
import { isJobId, JOB_COLUMNS, type JobRow } from '../store/job-row.js';

// What each act on a job begins and ends with.

const SET_STATE = `
  update tpe_job job set state = $2, pause_reason = $3, reason = $4, cause = $5::jsonb, outcome = null, ended_at = null,
    version = job.version + 1, updated_at = now()
  where job.id = $1::bigint returning ${JOB_COLUMNS}`;

export function notFound(id: string): TpeError {
  return new TpeError('NOT_FOUND', jobReason('job-unknown', { id: quotable(String(id)) }));
}

/** Locks a job for an act on it. Rejects with NOT_FOUND, and with CONFLICT if it is of another version or in none of these states. */
export async function lockFor(
  transaction: Queryable,
  id: string,
  { version }: JobAct,
  states: readonly JobState[],
): Promise<JobRow> {
  const row = isJobId(id) ? await lockJob(transaction, id) : null;
  if (row === null) throw notFound(id);
  checkVersion(row, version);
  if (!states.includes(row.state)) throw notNow(row);
  return row;
}

export function checkVersion(row: JobRow, version: number | undefined): void {
  if (version === undefined || version === row.version) return;
  const { state } = row;
  const reason = jobReason('job-changed-meanwhile', { state, version: row.version });
  throw new TpeError('CONFLICT', reason, { state, version: row.version });
}

export function notNow({ state, version }: JobRow): TpeError {
  return new TpeError('CONFLICT', jobReason('job-not-now', { state }), { state, version });
}

/** Puts a locked job into a state. */
export async function setState(
  transaction: Queryable,
  id: string,
  state: JobState,
  why: PauseReason | null,
  reason: Reason | null,
): Promise<JobRow> {
  const parameters = [id, state, why, reason?.text ?? null, causeText(reason)];
  return (await transaction.query<JobRow>(SET_STATE, parameters))[0]!;
}

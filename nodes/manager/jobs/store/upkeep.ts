import type { Database, Queryable, Row } from '../../database/database.js';
import { createPieceSize } from '../../shared/piece-size.js';
import { EXECUTION_STATES, type ExecutionState } from '../execution.js';
import { lockJob, writeCounts } from './job-counts.js';
import { countsOf, type JobRow } from './job-row.js';

// What one manager looks after for all, a piece with each statement.

const COUNT = `
  select execution.state, count(*)::integer as count from tpe_job_execution execution where execution.job = $1::bigint
  group by execution.state`;

/** A job whose row has not changed since it was counted is not counted again. */
const UNCOUNTED = `
  select job.id::text as id from tpe_job job
  where job.state in ('RUNNING', 'PAUSED', 'CANCELING')
    and (job.counted_at is null or job.counted_at > now()
      or job.updated_at > job.counted_at and job.counted_at < now() - make_interval(secs => $1))
  order by job.counted_at nulls first limit 1`;

const SET_COUNTED = 'update tpe_job set counted_at = now() where id = $1::bigint';

/** The job that was not counted for the longest time, of those that have changed since; null if there is none. */
export async function nextToCount(database: Queryable, everyS: number): Promise<string | null> {
  return (await database.query<{ id: string }>(UNCOUNTED, [everyS]))[0]?.id ?? null;
}

/** Counts the executions of a job anew. Resolves with its row and how many counters were wrong; null if it has gone. */
export async function recount(
  transaction: Queryable,
  id: string,
): Promise<{ row: JobRow; corrected: number } | null> {
  const row = await lockJob(transaction, id);
  if (row === null || row.is_forgotten) return null;
  const found = await transaction.query<{ state: ExecutionState; count: number }>(COUNT, [id]);
  const counts = countsOf(row);
  const deltas = new Map<ExecutionState, number>();
  for (const state of EXECUTION_STATES) {
    const count = found.find((one) => one.state === state)?.count ?? 0;
    if (count !== counts[state]) deltas.set(state, count - counts[state]);
  }
  const more = found.reduce((sum, { count }) => sum + count, 0) - row.total;
  await transaction.query(SET_COUNTED, [id]);
  const isOver = row.queued + row.in_progress === 0;
  if (deltas.size === 0 && !isOver) return { row, corrected: 0 };
  // A job of which nothing is open any more ends by it.
  return { row: await writeCounts(transaction, row, { deltas, more }), corrected: deltas.size };
}

/** The jobs of which an execution has waited for its gateway for too long. */
export async function jobsWithExpired(database: Queryable): Promise<string[]> {
  const rows = await database.query<{ job: string }>(
    `select distinct late.job::text as job from (
       select execution.job from tpe_job_execution execution
       where execution.state in ('QUEUED', 'IN_PROGRESS') and execution.deadline < now()
         and execution.state = 'QUEUED' and execution.waiting_for = 'offline' limit 1000) late`,
  );
  return rows.map(({ job }) => job);
}

/** Of a clock that was set back, or was wrong before: no wait but the one for a retry is that long. */
export async function mendTimes(database: Queryable, job: string, limit: number): Promise<number> {
  const rows = await database.query(
    `update tpe_job_execution execution set next_at = now() where (execution.job, execution.clientid) in (
       select late.job, late.clientid from tpe_job_execution late
       where late.job = $1::bigint and late.state = 'QUEUED' and late.next_at > now() + interval '2 minutes'
         and (late.waiting_for in ('busy', 'guard', 'stop') or late.waiting_for = 'rate' and late.next_at > now() + interval '2 hours'
           or late.waiting_for = 'window' and late.next_at > now() + interval '25 hours')
       limit $2 for update skip locked)
     returning 1`,
    [job, limit],
  );
  return rows.length;
}

interface SweptPiece extends Row {
  seen: number;
  last: string | null;
  online: string[];
  retired: string[];
  disabled: string[];
}

/** Gateways that something waits for, and should not any more, or not for that. */
export type Swept = Pick<SweptPiece, 'online' | 'retired' | 'disabled'>;

/**
 * Whether a gateway is tried again whose presence nobody tells. Each try leaves records, so it rests between two of them for as long as it
 * has been waited for, or as it was last found online if that is later, $4 ms at most.
 */
const HAS_RESTED = `coalesce(now() >= tried.ended_at + least($4 * interval '1 millisecond', greatest(interval '0', tried.ended_at - greatest(
  piece.deadline - make_interval(secs => (job.pace ->> 'offlineSeconds')::double precision),
  case when presence.status = 'online' then presence.since end))), true)`;

const SWEEP = `
  with piece as materialized (
    select waiting.job, waiting.clientid, waiting.waiting_for, waiting.attempts, waiting.deadline from tpe_job_execution waiting
    where waiting.state = 'QUEUED' and waiting.clientid > $1 order by waiting.clientid limit $2)
  select count(*)::integer as seen, max(piece.clientid) as last,
    coalesce(array_agg(distinct piece.clientid) filter (where piece.waiting_for = 'offline'
      and case when $3 then presence.status = 'online' else ${HAS_RESTED} end), '{}') as online,
    coalesce(array_agg(distinct piece.clientid) filter (where presence.clientid is null), '{}') as retired,
    coalesce(array_agg(distinct piece.clientid) filter (where presence.clientid is not null and credential.enabled is not true), '{}')
      as disabled
  from piece left join tpe_presence presence on presence.clientid = piece.clientid
    left join mqtt_user credential on credential.clientid = piece.clientid
    left join tpe_job_attempt tried on not $3 and piece.waiting_for = 'offline'
      and tried.job = piece.job and tried.clientid = piece.clientid and tried.no = piece.attempts
    left join tpe_job job on not $3 and job.id = piece.job`;

const SWEEP_PIECES = { first: 500, least: 100, most: 5000 };

/**
 * Looks at all gateways that something waits for: `take` is called with those that are online, were retired, or are disabled. Without
 * `knowsPresence`, one counts as online when it has rested enough since it was tried, `mostRestMs` at most.
 */
export async function sweepWaiting(
  database: Database,
  { knowsPresence, mostRestMs }: { knowsPresence: boolean; mostRestMs: number },
  take: (found: Swept) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const pieces = createPieceSize(SWEEP_PIECES);
  for (let after: string | null = ''; after !== null && !signal.aborted; ) {
    const limit = pieces.now();
    const from: string = after;
    const [piece] = await pieces.timed(limit, () =>
      database.query<SweptPiece>(SWEEP, [from, limit, knowsPresence, mostRestMs]),
    );
    const { seen, last, online, retired, disabled } = piece!;
    if (online.length + retired.length + disabled.length > 0) await take({ online, retired, disabled });
    // Several jobs can wait for one gateway, and the next piece begins behind it: the next sweep has those.
    after = seen < limit ? null : last;
  }
}

const NOTE_PROGRESS = `
  insert into tpe_job_progress (job, succeeded, failed)
  select job.id, job.succeeded + job.already_done, job.failed + job.timed_out + job.rejected + job.expired
  from tpe_job job left join lateral (
    select last.at, last.succeeded, last.failed from tpe_job_progress last where last.job = job.id order by last.at desc limit 1) last
    on true
  where job.id = any($1::bigint[]) and job.total > 0 and (last.at is null
    or (job.succeeded + job.already_done, job.failed + job.timed_out + job.rejected + job.expired) <> (last.succeeded, last.failed)
      and (job.state in ('COMPLETED', 'CANCELED') or last.at < now() - interval '1 minute' or last.at > now()
        or (job.succeeded + job.already_done + job.failed + job.timed_out + job.rejected + job.expired
          - last.succeeded - last.failed) * 100 >= job.total))
  on conflict do nothing`;

/** Notes how far jobs have come: at most one point a minute, or with each percent. */
export async function noteProgress(database: Queryable, jobs: readonly string[]): Promise<void> {
  if (jobs.length > 0) await database.query(NOTE_PROGRESS, [jobs]);
}

/** The oldest job that has ended and whose executions are too old or too many; null if there is none. */
const TO_FORGET = `
  select job.id::text as id from tpe_job job
  where job.state in ('COMPLETED', 'CANCELED') and not job.is_forgotten and (job.ended_at < now() - make_interval(days => $1)
    or (select coalesce(sum(kept.total), 0) from tpe_job kept where not kept.is_forgotten) > $2)
  order by job.ended_at limit 1`;

const FORGET = [
  `delete from tpe_job_attempt where (job, clientid, no) in (
     select job, clientid, no from tpe_job_attempt where job = $1::bigint limit $2) returning 1`,
  `delete from tpe_job_execution where (job, clientid) in (
     select job, clientid from tpe_job_execution where job = $1::bigint limit $2) returning 1`,
];

/** Attempts of jobs that ended long ago. */
const OLD_ATTEMPTS = `
  delete from tpe_job_attempt where (job, clientid, no) in (
    select attempt.job, attempt.clientid, attempt.no from tpe_job_attempt attempt join tpe_job job on job.id = attempt.job
    where job.state in ('COMPLETED', 'CANCELED') and not job.is_forgotten and job.ended_at < now() - make_interval(days => $1)
    limit $2)
  returning 1`;

/** What is left of jobs that are gone themselves, and keys that nobody may use any more. */
const LEFTOVERS = [
  `delete from tpe_job_progress where (job, at) in (
     select progress.job, progress.at from tpe_job_progress progress
     where not exists (select from tpe_job where tpe_job.id = progress.job) limit $1) returning 1`,
  `delete from tpe_job_key where key in (
     select known.key from tpe_job_key known where known.at < now() - interval '2 days' limit $1) returning 1`,
];

export interface KeepOptions {
  executionDays: number;
  attemptDays: number;
  mostExecutions: number;
}

const FORGET_PIECES = { first: 200, least: 50, most: 2000 };

/** Removes executions and attempts that are too old or too many, those of the oldest job first. Resolves with how many. */
export async function forgetOld(database: Database, keep: KeepOptions, signal: AbortSignal): Promise<number> {
  let total = await allPieces(database, OLD_ATTEMPTS, [keep.attemptDays], signal);
  for (const sql of LEFTOVERS) total += await allPieces(database, sql, [], signal);
  while (!signal.aborted) {
    const [job] = await database.query<{ id: string }>(TO_FORGET, [keep.executionDays, keep.mostExecutions]);
    if (job === undefined) return total;
    for (const sql of FORGET) total += await allPieces(database, sql, [job.id], signal);
    if (!signal.aborted)
      await database.query('update tpe_job set is_forgotten = true where id = $1::bigint', [job.id]);
  }
  return total;
}

async function allPieces(
  database: Database,
  sql: string,
  parameters: readonly unknown[],
  signal: AbortSignal,
): Promise<number> {
  const pieces = createPieceSize(FORGET_PIECES);
  let total = 0;
  for (;;) {
    const limit = pieces.now();
    const rows = await pieces.timed(limit, () => database.query(sql, [...parameters, limit]));
    total += rows.length;
    if (rows.length < limit || signal.aborted) return total;
  }
}

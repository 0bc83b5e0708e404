import type { Queryable, Row } from '../../database/database.js';
import { badField } from '../../shared/invalid-input.js';
import { type Page, pageById } from '../../shared/page.js';
import type { Cause } from '../../shared/reason.js';
import { isStorable } from '../../shared/text.js';
import {
  type Attempt,
  EXECUTION_STATES,
  type Execution,
  type ExecutionState,
  WAITING_FOR,
} from '../execution.js';
import { PARTS, statesOf } from '../execution-parts.js';
import {
  type ExecutionQuery,
  type FailureCluster,
  JOB_STATES,
  type JobProgress,
  type JobQuery,
  type JobWithoutIds,
} from '../job.js';
import { EXECUTION_COLUMNS, type ExecutionRow, toExecution } from './execution-row.js';
import { isJobId, JOB_COLUMNS, type JobRow, toJob } from './job-row.js';
import { RETRIED_ALONE } from './retried.js';

const MAX_PAGE = 500;
/** So many gateways are named as examples of a failure. */
const EXAMPLES = 20;
const MOST_CLUSTERS = 200;

export async function readJob(database: Queryable, id: string): Promise<JobRow | null> {
  if (!isJobId(id)) return null;
  const sql = `select ${JOB_COLUMNS} from tpe_job job where job.id = $1::bigint`;
  return (await database.query<JobRow>(sql, [id]))[0] ?? null;
}

/** The jobs with these ids, as far as they exist. */
export async function readJobs(database: Queryable, ids: readonly string[]): Promise<JobRow[]> {
  const asked = [...new Set(ids)].filter(isJobId);
  if (asked.length === 0) return [];
  const sql = `select ${JOB_COLUMNS} from tpe_job job where job.id = any($1::bigint[])`;
  return await database.query<JobRow>(sql, [asked]);
}

export async function listJobs(database: Queryable, query: JobQuery): Promise<Page<JobWithoutIds>> {
  const limit = limitOf(query.limit);
  const { state, before } = query;
  if (state !== undefined && !JOB_STATES.includes(state))
    throw badField('state', `one of ${JOB_STATES.join(', ')}`);
  if (before !== undefined && !isJobId(before)) throw badField('before', 'the id of a job');
  const rows = await database.query<JobRow>(
    `select ${JOB_COLUMNS} from tpe_job job
     where ($1::text is null or job.state = $1) and ($2::bigint is null or job.id < $2)
     order by job.id desc limit $3`,
    [state ?? null, before ?? null, limit],
  );
  return pageById(rows.map(toJob), limit, ({ id }) => id);
}

/** What executions of a job wait for above what their rows say. */
export interface HeldAbove {
  /** A stop holds all of them. */
  isStopped: boolean;
  /** Stops hold those of these sites and models. */
  sites: string[];
  models: string[];
  /** Those that no stop holds wait for the job to go on. */
  isPaused: boolean;
}

const NOTHING_HELD: HeldAbove = { isStopped: false, sites: [], models: [], isPaused: false };

/** What an execution that is QUEUED waits for, with what holds it above its row. */
const WAITS_FOR = `case
  when $8::boolean or execution.site = any($9::text[]) or execution.model = any($10::text[]) then 'stop'
  when $11::boolean then 'paused' else coalesce(execution.waiting_for, 'rate') end`;

/** A page of the executions of a job: by client id, or in the order of their changes. */
export async function listExecutions(
  database: Queryable,
  job: string,
  query: ExecutionQuery,
  above: HeldAbove = NOTHING_HELD,
): Promise<Page<Execution>> {
  const limit = limitOf(query.limit);
  checkExecutionQuery(query);
  const byChange = query.sinceChange !== undefined;
  const cursor = query.cursor ?? null;
  const since = byChange ? (cursor ?? query.sinceChange) : null;
  const rows = await database.query<ExecutionRow>(
    `select ${EXECUTION_COLUMNS} from tpe_job_execution execution
     where execution.job = $1::bigint and ($2::text is null or execution.state = $2)
       and ($3::text is null or execution.state = 'QUEUED' and ${WAITS_FOR} = $3) and ($4::text is null or execution.site = $4)
       and ($5::text is null or execution.cause ->> 'code' = $5)
      and ($12::text is null or coalesce(execution.model, '') = $12) and ($13::text is null or coalesce(execution.version, '') = $13)
      and ($14::boolean is null or ${RETRIED_ALONE} = $14)
      and ($15::text[] is null or execution.state = any($15))
       and ${byChange ? 'execution.changed_no > $6::bigint' : '($6::text is null or execution.clientid > $6)'}
     order by ${byChange ? 'execution.changed_no' : 'execution.clientid'} limit $7`,
    [
      ...[job, query.state ?? null, query.waitingFor ?? null, query.site ?? null, query.reason ?? null],
      ...[byChange ? since : cursor, limit],
      ...[above.isStopped, above.sites, above.models, above.isPaused],
      ...[query.model ?? null, query.firmware ?? null, query.isRetriedAlone ?? null],
      query.part === undefined ? null : statesOf(query.part),
    ],
  );
  const nextOf = ({ changedNo, clientid }: Execution) => (byChange ? String(changedNo) : clientid);
  return pageById(rows.map(toExecution), limit, nextOf);
}

function limitOf(limit = 50): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit;
  throw badField('limit', `a whole number from 1 to ${MAX_PAGE}`);
}

function checkExecutionQuery(query: ExecutionQuery): void {
  const { state, part, waitingFor, sinceChange, cursor, site, reason, model, firmware } = query;
  if (state !== undefined && !EXECUTION_STATES.includes(state))
    throw badField('state', `one of ${EXECUTION_STATES.join(', ')}`);
  if (part !== undefined && !PARTS.includes(part)) throw badField('part', `one of ${PARTS.join(', ')}`);
  if (waitingFor !== undefined && !WAITING_FOR.includes(waitingFor))
    throw badField('waitingFor', `one of ${WAITING_FOR.join(', ')}`);
  if (sinceChange !== undefined && !(Number.isSafeInteger(sinceChange) && sinceChange >= 0))
    throw badField('sinceChange', 'a whole number from 0');
  for (const [field, text] of Object.entries({ cursor, site, reason, model, firmware })) {
    if (text !== undefined && !isStorable(text)) throw badField(field, 'a text without NUL');
  }
  if (cursor !== undefined && sinceChange !== undefined && !/^[0-9]{1,18}$/.test(cursor))
    throw badField('cursor', 'the `next` of the page before');
}

interface AttemptRow extends Row {
  no: number;
  started_at: Date;
  ended_at: Date | null;
  state: ExecutionState | null;
  reason: string | null;
  cause: Cause | null;
  commands: string[];
  installations: string[];
}

/** The ids of what an attempt has sent, oldest first; they are as many as a job has steps, and some reads more. */
const SENT_BY = (table: 'tpe_command' | 'tpe_installation', id: string) => `array(
  select sent.${id}::text from ${table} sent where sent.clientid = attempt.clientid and sent.execution is not null
    and starts_with(sent.execution, attempt.job || '/' || attempt.no || '/') order by sent.${id})`;

export async function readExecution(
  database: Queryable,
  job: string,
  clientid: string,
): Promise<{ execution: Execution; attempts: Attempt[] } | null> {
  if (!isStorable(clientid)) return null;
  const [row] = await database.query<ExecutionRow>(
    `select ${EXECUTION_COLUMNS} from tpe_job_execution execution where execution.job = $1::bigint and execution.clientid = $2`,
    [job, clientid],
  );
  if (row === undefined) return null;
  const attempts = await database.query<AttemptRow>(
    `select attempt.no, attempt.started_at, attempt.ended_at, attempt.state, attempt.reason, attempt.cause,
       ${SENT_BY('tpe_command', 'request_id')} as commands, ${SENT_BY('tpe_installation', 'id')} as installations
     from tpe_job_attempt attempt where attempt.job = $1::bigint and attempt.clientid = $2 order by attempt.no`,
    [job, clientid],
  );
  return {
    execution: toExecution(row),
    attempts: attempts.map(({ started_at, ended_at, ...attempt }) => ({
      ...attempt,
      startedAt: started_at.toISOString(),
      endedAt: ended_at?.toISOString() ?? null,
    })),
  };
}

export async function openOfGateway(
  database: Queryable,
  clientid: string,
): Promise<{ execution: Execution; job: JobRow }[]> {
  if (!isStorable(clientid)) return [];
  const rows = await database.query<ExecutionRow>(
    `select ${EXECUTION_COLUMNS} from tpe_job_execution execution
     where execution.clientid = $1 and execution.state = 'QUEUED'
     union all
     select ${EXECUTION_COLUMNS} from tpe_job_execution execution
     where execution.clientid = $1 and execution.state = 'IN_PROGRESS'
     order by job`,
    [clientid],
  );
  const ids = rows.map(({ job }) => job);
  const jobs = await readJobs(database, ids);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  return rows.flatMap((row) => {
    const job = byId.get(row.job);
    return job === undefined ? [] : [{ execution: toExecution(row), job }];
  });
}

interface ClusterRow extends Row {
  state: ExecutionState;
  reason: string | null;
  cause: Cause | null;
  model: string | null;
  version: string | null;
  count: number;
  retried_alone: number;
  clientids: string[];
}

/** Failures by their reason, model and firmware, the most frequent first. Reasons of one code that differ in their values are one. */
export async function failureClusters(database: Queryable, job: string): Promise<FailureCluster[]> {
  const rows = await database.query<ClusterRow>(
    `select execution.state, min(execution.reason) as reason,
       (array_agg(execution.cause order by execution.reason))[1] as cause, execution.model, execution.version, count(*)::integer as count,
       count(*) filter (where ${RETRIED_ALONE})::integer as retried_alone,
       (array_agg(execution.clientid order by execution.clientid))[1:${EXAMPLES}] as clientids
     from tpe_job_execution execution
     where execution.job = $1::bigint and execution.state in ('FAILED', 'TIMED_OUT', 'REJECTED', 'EXPIRED')
     group by execution.state, coalesce(execution.cause ->> 'code', execution.reason), execution.model, execution.version
     order by count(*) desc, execution.state, min(execution.clientid) limit ${MOST_CLUSTERS}`,
    [job],
  );
  return rows.map(({ state, reason, cause, model, version, count, retried_alone, clientids }) => ({
    ...{ state, reason, cause, model, version, count, retriedAlone: retried_alone, clientids },
  }));
}

export async function readProgress(database: Queryable, job: string): Promise<JobProgress[]> {
  const rows = await database.query<{ at: Date; succeeded: number; failed: number }>(
    'select at, succeeded, failed from tpe_job_progress where job = $1::bigint order by at',
    [job],
  );
  return rows.map(({ at, succeeded, failed }) => ({ at: at.toISOString(), succeeded, failed }));
}

import type { Queryable, Row } from '../../database/database.js';
import { escapeLike } from '../../registry/filter-conditions.js';
import { badField } from '../../shared/invalid-input.js';
import { type Page, pageById } from '../../shared/page.js';
import type { Cause } from '../../shared/reason.js';
import { isStorable } from '../../shared/text.js';
import type { Attempt, Execution, ExecutionState } from '../execution.js';
import {
  type FailureCluster,
  JOB_STATES,
  type JobProgress,
  type JobQuery,
  type JobWithoutIds,
} from '../job.js';
import { pageLimit } from './execution-list.js';
import { EXECUTION_COLUMNS, type ExecutionRow, toExecution } from './execution-row.js';
import { isJobId, JOB_COLUMNS, type JobRow, toJob } from './job-row.js';
import { RETRIED_ALONE } from './retried.js';

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
  const limit = pageLimit(query.limit);
  const { state, before } = query;
  if (state !== undefined && !JOB_STATES.includes(state))
    throw badField('state', `one of ${JOB_STATES.join(', ')}`);
  if (before !== undefined && !isJobId(before)) throw badField('before', 'the id of a job');
  const words = wordsOf(query.name);
  // A condition for each word, since an index of parts of texts serves no list of them.
  const named = words.map((_, place) => ` and lower(job.name) like lower($${place + 4}::text)`);
  const rows = await database.query<JobRow>(
    `select ${JOB_COLUMNS} from tpe_job job
     where ($1::text is null or job.state = $1) and ($2::bigint is null or job.id < $2)${named.join('')}
     order by job.id desc limit $3`,
    [state ?? null, before ?? null, limit, ...words.map((word) => `%${escapeLike(word)}%`)],
  );
  return pageById(rows.map(toJob), limit, ({ id }) => id);
}

function wordsOf(name = ''): string[] {
  if (!isStorable(name)) throw badField('name', 'a text without NUL');
  return [...new Set(name.trim().split(/\s+/).filter(Boolean))];
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

import type { Queryable } from '../../database/database.js';
import { isStorable } from '../../shared/text.js';

/**
 * Looks for the gateway in each job by the primary key of the executions, so that they need no other index. The `limit` keeps the planner
 * from reading all executions instead.
 */
const JOBS_OF_GATEWAY = `
  select job.id::text as id from tpe_job job cross join lateral (
    select from tpe_job_execution execution
    where execution.job = job.id and execution.clientid = $1 limit 1) as known
  order by job.id desc`;

/** The ids of all jobs that have or had a gateway, newest first. */
export async function jobsOfGateway(database: Queryable, clientid: string): Promise<string[]> {
  if (!isStorable(clientid)) return [];
  const rows = await database.query<{ id: string }>(JOBS_OF_GATEWAY, [clientid]);
  return rows.map(({ id }) => id);
}

/** The same for several gateways, in any order: by the indexes of what waits and of what has begun. */
const JOBS_OF_GATEWAYS = `
  select distinct execution.job::text as id from (
    select job from tpe_job_execution where clientid = any($1::text[]) and coalesce(started_at, ended_at) is not null
    union all select job from tpe_job_execution where clientid = any($1::text[]) and state = 'QUEUED') as execution`;

/** The ids of all jobs that have or had one of these gateways. */
export async function jobsOfGateways(database: Queryable, clientids: readonly string[]): Promise<string[]> {
  const [first] = clientids;
  if (first !== undefined && clientids.length === 1) return await jobsOfGateway(database, first);
  const rows = await database.query<{ id: string }>(JOBS_OF_GATEWAYS, [clientids.filter(isStorable)]);
  return rows.map(({ id }) => id);
}

import { causeText } from '../../database/cause-text.js';
import type { Queryable } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import type { Execution, ExecutionState } from '../execution.js';
import { EXECUTION_COLUMNS, type ExecutionRow, toExecution } from './execution-row.js';
import { countMoves, writeCounts } from './job-counts.js';
import type { JobRow } from './job-row.js';

/** Which waiting executions of a job are ended, and how; `condition` is SQL over `execution` with parameters from $6 on. */
export interface EndWaiting {
  condition: string;
  parameters?: readonly unknown[];
  state: Extract<ExecutionState, 'CANCELED' | 'EXPIRED' | 'REMOVED'>;
  reason: Reason;
  /** So many at most. */
  limit: number;
}

/** Ends waiting executions of a locked job. Resolves with the job, and with them. */
export async function endWaiting(
  transaction: Queryable,
  job: JobRow,
  { condition, parameters = [], state, reason, limit }: EndWaiting,
): Promise<{ job: JobRow; ended: Execution[] }> {
  const rows = await transaction.query<ExecutionRow>(
    `with chosen as materialized (
       select execution.clientid from tpe_job_execution execution
       where execution.job = $1::bigint and execution.state = 'QUEUED' and ${condition}
       order by execution.clientid limit $5 for update)
     update tpe_job_execution execution set state = $2, waiting_for = null, waiting_reason = null, waiting_cause = null,
       next_at = null, deadline = null, reason = $3, cause = $4::jsonb, ended_at = now(), changed_no = nextval('tpe_job_change')
     from chosen where execution.job = $1::bigint and execution.clientid = chosen.clientid
     returning ${EXECUTION_COLUMNS}`,
    [job.id, state, reason.text, causeText(reason), limit, ...parameters],
  );
  if (rows.length === 0) return { job, ended: [] };
  const deltas = countMoves(rows.map(() => ['QUEUED', state] as const));
  return { job: await writeCounts(transaction, job, { deltas }), ended: rows.map(toExecution) };
}

/** No change with a number, since the jobs are not locked. */
const ONLINE = `
  update tpe_job_execution execution set waiting_for = 'rate', waiting_reason = null, waiting_cause = null,
    next_at = now() + make_interval(secs => random() * coalesce((job.pace ->> 'jitterSeconds')::double precision, 0))
  from tpe_job job
  where job.id = execution.job and (execution.job, execution.clientid) in (
    select waiting.job, waiting.clientid from tpe_job_execution waiting
    where waiting.state = 'QUEUED' and waiting.waiting_for = 'offline' and waiting.next_at is null
      and waiting.clientid = any($1::text[]) for update skip locked)
  returning execution.job::text as job`;

/** Gateways have come online: what waits for them may begin. Rows that others hold are found by the next sweep. Resolves with the jobs. */
export async function gatewaysOnline(database: Queryable, clientids: readonly string[]): Promise<string[]> {
  const rows = await database.query<{ job: string }>(ONLINE, [clientids]);
  return [...new Set(rows.map(({ job }) => job))];
}

import type { Queryable } from '../../database/database.js';
import type { DecidedPage } from '../job.js';
import { EXECUTION_COLUMNS, type ExecutionRow, toExecution } from './execution-row.js';
import { isJobId } from './job-row.js';

/** The most that are read at once. */
const MOST = 500;

/** Nobody changes its executions meanwhile, so that all changes up to the last one are there. */
const HOLD = 'select from tpe_job where id = $1::bigint for share';
const LAST = `select changed_no from tpe_job_execution execution where execution.job = $1::bigint
  order by execution.changed_no desc limit 1`;
/** Bounded at both ends, so that what was passed over once, because it was open, is not read again. */
const DECIDED = `
  select ${EXECUTION_COLUMNS} from tpe_job_execution execution
  where execution.job = $1::bigint and execution.changed_no > $2::bigint and execution.changed_no <= $3::bigint
    and execution.state not in ('QUEUED', 'IN_PROGRESS')
  order by execution.changed_no limit ${MOST}`;

/**
 * The executions of a job that were decided after a change, in the order of their changes; without one, none, but where the changes are
 * now. Null for an unknown job.
 */
export async function readDecided(
  transaction: Queryable,
  id: string,
  since: number | null,
): Promise<DecidedPage | null> {
  if (!isJobId(id) || (await transaction.query(HOLD, [id])).length === 0) return null;
  const last = (await transaction.query<{ changed_no: number }>(LAST, [id]))[0]?.changed_no ?? 0;
  if (since === null || last <= since) return { items: [], upTo: since ?? last, isMore: false };
  const rows = await transaction.query<ExecutionRow>(DECIDED, [id, since, last]);
  const isMore = rows.length === MOST;
  return { items: rows.map(toExecution), upTo: isMore ? rows.at(-1)!.changed_no : last, isMore };
}

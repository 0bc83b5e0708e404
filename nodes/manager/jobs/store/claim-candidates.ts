import type { Queryable, Row } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import type { JobGuard } from '../job-guard.js';
import type { SiteRoom, Stopped } from './claim-limits.js';
import { nothingRefused, type Round } from './claim-round.js';
import type { JobRow } from './job-row.js';

/** The first key of the advisory locks by which two jobs never begin with one gateway at once. */
const GATEWAY_LOCK = 7_430_040;

const QUEUED = "execution.state = 'QUEUED' and execution.next_at is not null";
const FRESH = "execution.waiting_for in ('rate', 'retry') and execution.next_at <= now()";
/** Those that were looked at and could not begin. */
const heldSql = (heldAreDue: string) => `execution.waiting_for in ('guard', 'busy', 'stop', 'window')
  and (execution.next_at <= now() or ${heldAreDue} and execution.waiting_for in ('guard', 'stop'))`;

/** Whether something of a job, which is an SQL expression, may be begun now. `heldAreDue`: as in Round, as SQL. */
export function isDueSql(job: string, heldAreDue: string): string {
  const some = (which: string) =>
    `exists (select from tpe_job_execution execution where execution.job = ${job} and ${QUEUED} and ${which})`;
  return `(${some(FRESH)} or ${some(heldSql(heldAreDue))})`;
}

const CANDIDATES = `
  select execution.clientid, execution.ordinal, execution.attempts, execution.step, execution.failure, execution.given, execution.site,
    execution.model
  from tpe_job_execution execution
  where execution.job = $1::bigint and ${QUEUED}
    and execution.site <> all($3::text[]) and coalesce(execution.model, '') <> all($4::text[])
    and (cardinality($5::text[]) = 0 or not exists (
      select from clientid_profile profile where profile.clientid = execution.clientid and profile.redundancy = any($5::text[])))`;

/** Most are those that were not looked at yet: those that were refused may be refused again, and must not stand before all others. */
const DUE = `
  with fresh as materialized (
    ${CANDIDATES} and ${FRESH} order by execution.ordinal limit $2 for update skip locked),
  held as materialized (
    ${CANDIDATES} and ${heldSql('$7::boolean')}
    order by execution.next_at, execution.ordinal limit $6::bigint - (select count(*) from fresh) for update skip locked),
  due as materialized (select * from fresh union all select * from held)
  select due.*, pg_try_advisory_xact_lock(${GATEWAY_LOCK}, hashtext(due.clientid)) as is_ours from due order by due.ordinal`;

/** An execution whose time has come. */
export interface Due extends Row {
  clientid: string;
  attempts: number;
  step: number;
  failure: Reason | null;
  given: Record<string, unknown> | null;
  site: string;
  model: string | null;
  /** No other job is beginning with its gateway. */
  is_ours: boolean;
}

/** Locks those whose time has come, `limit` at most, without those of scopes that are known to be full, stopped or refused. */
export async function dueOf(
  transaction: Queryable,
  job: JobRow,
  { want, limit }: { want: number; limit: number },
  { sites, stopped, round }: { sites: SiteRoom; stopped: Stopped; round: Round },
  guard: Pick<JobGuard, 'disturbs'>,
): Promise<Due[]> {
  const refused = guard.disturbs(job) ? round.refused : nothingRefused();
  return await transaction.query<Due>(DUE, [
    ...[job.id, limit - want],
    [...sites.full, ...stopped.sites, ...refused.sites, ...(round.shut.get(job.id) ?? [])],
    [...stopped.models, ...refused.models],
    [...refused.sets],
    ...[limit, round.heldAreDue],
  ]);
}

import { DEAD_AFTER_S } from '../../cluster/heartbeat.js';
import type { Database, Queryable, Row } from '../../database/database.js';
import { createGroupCommit, type GroupCommit } from '../../database/group-commit.js';
import type { Reason } from '../../shared/reason.js';
import type { ExecutionWork } from '../execution.js';

// Executions that are under way: how far they have come, and who carries them out. Without the lock of the job, no number of a change is
// taken: whoever reads by these numbers would miss one that is committed after a higher one.

/** How far an attempt has come. */
export interface Checkpoint {
  job: string;
  clientid: string;
  attempt: number;
  instance: string;
  step: number;
  failure: Reason | null;
}

const MAX_BATCH = 500;
const MAX_WAITING = 20_000;

const CHECKPOINT = `
  update tpe_job_execution execution set step = saved.step, failure = saved.failure::jsonb
  from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::text[])
    as saved (job, clientid, attempt, instance, step, failure)
  where execution.job = saved.job and execution.clientid = saved.clientid and execution.attempts = saved.attempt
    and execution.instance = saved.instance and execution.state = 'IN_PROGRESS'
  returning execution.job::text as job, execution.clientid`;

const WORK_COLUMNS = `execution.job::text as job, execution.clientid, execution.attempts, execution.step, execution.failure,
  execution.given, execution.deadline`;

const ADOPT = `
  update tpe_job_execution execution set instance = $1
  where (execution.job, execution.clientid) in (
    select dead.job, dead.clientid from tpe_job_execution dead
    where dead.state = 'IN_PROGRESS' and (
      dead.instance = $1 and (dead.job, dead.clientid) not in (select * from unnest($4::bigint[], $5::text[]))
      or dead.instance <> $1 and ($2 or not exists (
        select from tpe_instance live
        where live.instance = dead.instance and live.seen_at > now() - make_interval(secs => $3)
          and live.seen_at < now() + interval '1 hour')))
    limit $6 for update skip locked)
  returning ${WORK_COLUMNS}`;

const OURS = `
  select execution.job::text as job, execution.clientid, execution.attempts from tpe_job_execution execution
  where execution.job = any($1::bigint[]) and execution.state = 'IN_PROGRESS' and execution.instance = $2`;

const OVERDUE = `
  select execution.job::text as job, execution.clientid, execution.attempts, execution.instance from tpe_job_execution execution
  where execution.state in ('QUEUED', 'IN_PROGRESS') and execution.state = 'IN_PROGRESS'
    and execution.deadline < now() - make_interval(secs => $1)
  limit $2`;

const UNDER_WAY = `
  select execution.job::text as job, execution.clientid, execution.attempts, execution.instance from tpe_job_execution execution
  where execution.job = $1::bigint and execution.state = 'IN_PROGRESS' limit $2`;

/** Installations of a job that are open, by the attempt that is under way. */
const INSTALLING = `
  select execution.clientid, installation.id::text as installation, installation.step from tpe_job_execution execution
    join tpe_installation installation on installation.clientid = execution.clientid
      and installation.state in ('QUEUED', 'IN_PROGRESS') and installation.execution is not null
      and starts_with(installation.execution, execution.job || '/' || execution.attempts || '/')
  where execution.job = $1::bigint and execution.state = 'IN_PROGRESS'`;

interface WorkRow extends Row {
  job: string;
  clientid: string;
  attempts: number;
  step: number;
  failure: Reason | null;
  given: Record<string, unknown> | null;
  deadline: Date | null;
}

/** An attempt that is under way, and with whom. */
export interface UnderWay extends Row {
  job: string;
  clientid: string;
  attempts: number;
  instance: string;
}

/** Creates the checkpoints, many in one statement. The result is whether the attempt is still under way with that manager. */
export function createCheckpoints(database: Database): GroupCommit<Checkpoint, boolean> {
  return createGroupCommit<Checkpoint, boolean>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    async write(batch) {
      const rows = await database.query<{ job: string; clientid: string }>(CHECKPOINT, [
        batch.map(({ job }) => job),
        batch.map(({ clientid }) => clientid),
        batch.map(({ attempt }) => attempt),
        batch.map(({ instance }) => instance),
        batch.map(({ step }) => step),
        batch.map(({ failure }) => (failure === null ? null : JSON.stringify(failure))),
      ]);
      const saved = new Set(rows.map(({ job, clientid }) => `${job} ${clientid}`));
      return batch.map(({ job, clientid }) => saved.has(`${job} ${clientid}`));
    },
  });
}

/**
 * Takes over executions of dead managers, and those of this one that are not `here`: from before its restart, or claimed by a statement
 * whose answer was lost. So many at most; resolves with what is left to do of them.
 */
export async function adopt(
  database: Database,
  instance: string,
  here: readonly Pick<ExecutionWork, 'job' | 'clientid'>[],
  limit: number,
): Promise<ExecutionWork[]> {
  const isAlone = database.listen === null;
  const rows = await database.query<WorkRow>(ADOPT, [
    ...[instance, isAlone, DEAD_AFTER_S],
    here.map(({ job }) => job),
    here.map(({ clientid }) => clientid),
    limit,
  ]);
  return rows.map(({ job, clientid, attempts, step, failure, given, deadline }) => ({
    ...{ job, clientid, attempt: attempts, step, failure },
    values: given ?? {},
    deadline: deadline?.getTime() ?? Date.now(),
  }));
}

/** The attempts of these jobs that are still under way with this manager, as `job clientid attempt`. */
export async function stillOurs(
  database: Queryable,
  jobs: readonly string[],
  instance: string,
): Promise<Set<string>> {
  const rows = await database.query<UnderWay>(OURS, [jobs, instance]);
  return new Set(rows.map(({ job, clientid, attempts }) => `${job} ${clientid} ${attempts}`));
}

/** Attempts whose time was over so many seconds ago, whoever has them. */
export function overdue(database: Queryable, graceS: number, limit: number): Promise<UnderWay[]> {
  return database.query<UnderWay>(OVERDUE, [graceS, limit]);
}

export function underWayOf(database: Queryable, job: string, limit: number): Promise<UnderWay[]> {
  return database.query<UnderWay>(UNDER_WAY, [job, limit]);
}

/** A gateway on which a job installs something now. */
export interface Installing extends Row {
  clientid: string;
  installation: string;
  /** The step of the installation; null: it has not begun. */
  step: string | null;
}

export function installingOf(database: Queryable, job: string): Promise<Installing[]> {
  return database.query<Installing>(INSTALLING, [job]);
}

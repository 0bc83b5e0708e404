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
  step: number;
  failure: Reason | null;
  /** How long what is left to do may take in any case, ms; null: no longer than the attempt may. */
  withinMs: number | null;
  /** The execution was decided meanwhile, and owes the steps that are done in any case. */
  isOwing: boolean;
}

const MAX_BATCH = 500;
const MAX_WAITING = 20_000;

const CHECKPOINT = `
  update tpe_job_execution execution set step = saved.step, failure = saved.failure::jsonb,
    deadline = case when execution.state = 'IN_PROGRESS'
      then greatest(execution.deadline, now() + make_interval(secs => saved.within)) end
  from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::text[], $7::double precision[], $8::boolean[])
    as saved (job, clientid, attempt, instance, step, failure, within, is_owing)
  where execution.job = saved.job and execution.clientid = saved.clientid and execution.attempts = saved.attempt
    and execution.instance = saved.instance and execution.state <> 'QUEUED' and (execution.state <> 'IN_PROGRESS') = saved.is_owing
  returning execution.job::text as job, execution.clientid`;

const WORK_COLUMNS = `execution.job::text as job, execution.clientid, execution.attempts, execution.step, execution.failure,
  execution.given, execution.deadline`;

/** Which executions somebody has: those that are under way, and those that are decided and owe the steps that are done in any case. */
const HAD = {
  underWay: "dead.state = 'IN_PROGRESS'",
  owing: "dead.instance is not null and dead.state not in ('QUEUED', 'IN_PROGRESS')",
} as const;

const ADOPT = `
  update tpe_job_execution execution set instance = $1
  where (execution.job, execution.clientid) in (
    select dead.job, dead.clientid from tpe_job_execution dead
    where HAD and (
      dead.instance = $1 and (dead.job, dead.clientid) not in (select * from unnest($4::bigint[], $5::text[]))
      or dead.instance <> $1 and ($2 or not exists (
        select from tpe_instance live
        where live.instance = dead.instance and live.seen_at > now() - make_interval(secs => $3)
          and live.seen_at < now() + interval '1 hour')))
    limit $6 for update skip locked)
  returning ${WORK_COLUMNS}`;

const PAID = `
  update tpe_job_execution execution set instance = null
  where execution.job = $1::bigint and execution.clientid = $2 and execution.attempts = $3 and execution.instance = $4
    and execution.state not in ('QUEUED', 'IN_PROGRESS')`;

/** An attempt that went back to wait has ended too, but nobody has given it up. */
const STANDINGS = `
  select asked.job::text as job, asked.clientid, asked.attempt,
    case
      when execution.state = 'IN_PROGRESS' and execution.attempts = asked.attempt
        then case when execution.instance = $4 then 'ours' else 'elsewhere' end
      when execution.state <> 'QUEUED' and execution.attempts = asked.attempt and execution.instance <> $4 then 'elsewhere'
      when ended.state = 'QUEUED' then 'elsewhere'
      else 'decided' end as standing
  from unnest($1::bigint[], $2::text[], $3::integer[]) as asked (job, clientid, attempt)
    left join tpe_job_execution execution on execution.job = asked.job and execution.clientid = asked.clientid
    left join tpe_job_attempt ended on ended.job = asked.job and ended.clientid = asked.clientid and ended.no = asked.attempt`;

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

export type AttemptOf = Pick<ExecutionWork, 'job' | 'clientid' | 'attempt'>;

/** What the database says of an attempt: it is under way with this manager, another one goes on with it, or it was decided. */
export type Standing = 'ours' | 'elsewhere' | 'decided';

/** An attempt that is under way, and with whom. */
export interface UnderWay extends Row {
  job: string;
  clientid: string;
  attempts: number;
  instance: string;
}

/**
 * Creates the checkpoints of a manager, many in one statement. The result says whether the attempt is still under way with it; `ours` also
 * of one that owes steps, and is still with it.
 */
export function createCheckpoints(database: Database, instance: string): GroupCommit<Checkpoint, Standing> {
  return createGroupCommit<Checkpoint, Standing>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    async write(batch) {
      const rows = await database.query<{ job: string; clientid: string }>(CHECKPOINT, [
        batch.map(({ job }) => job),
        batch.map(({ clientid }) => clientid),
        batch.map(({ attempt }) => attempt),
        batch.map(() => instance),
        batch.map(({ step }) => step),
        batch.map(({ failure }) => (failure === null ? null : JSON.stringify(failure))),
        batch.map(({ withinMs }) => (withinMs === null ? null : withinMs / 1000)),
        batch.map(({ isOwing }) => isOwing),
      ]);
      const saved = new Set(rows.map(({ job, clientid }) => `${job} ${clientid}`));
      const lost = batch.filter(({ job, clientid }) => !saved.has(`${job} ${clientid}`));
      const standings = await standingsOf(database, lost, instance);
      return batch.map((one) => standings.get(attemptKey(one)) ?? 'ours');
    },
  });
}

/**
 * Takes over executions of dead managers, and those of this one that are not `here`: from before its restart, or claimed by a statement
 * whose answer was lost; either those that are under way, or those that are decided and owe steps. So many at most; resolves with what is
 * left to do of them.
 */
export async function adopt(
  database: Database,
  which: 'underWay' | 'owing',
  instance: string,
  here: readonly Pick<ExecutionWork, 'job' | 'clientid'>[],
  limit: number,
): Promise<ExecutionWork[]> {
  const isAlone = database.listen === null;
  const rows = await database.query<WorkRow>(ADOPT.replace('HAD', HAD[which]), [
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

/** Notes that a decided execution owes nothing any more, unless another manager goes on with it, or it is tried again. */
export async function notePaid(
  database: Queryable,
  { job, clientid, attempt }: AttemptOf,
  instance: string,
): Promise<void> {
  await database.query(PAID, [job, clientid, attempt, instance]);
}

/** Names an attempt: `job clientid attempt`. */
export function attemptKey({ job, clientid, attempt }: AttemptOf): string {
  return `${job} ${clientid} ${attempt}`;
}

/** What became of attempts that this manager has or had, by `attemptKey`. */
export async function standingsOf(
  database: Queryable,
  attempts: readonly AttemptOf[],
  instance: string,
): Promise<Map<string, Standing>> {
  if (attempts.length === 0) return new Map();
  const rows = await database.query<AttemptOf & Row & { standing: Standing }>(STANDINGS, [
    attempts.map(({ job }) => job),
    attempts.map(({ clientid }) => clientid),
    attempts.map(({ attempt }) => attempt),
    instance,
  ]);
  return new Map(rows.map((row) => [attemptKey(row), row.standing]));
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

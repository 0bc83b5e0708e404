import { causeText } from '../../database/cause-text.js';
import type { Database, Queryable, Row } from '../../database/database.js';
import { createGroupCommit, type GroupCommit } from '../../database/group-commit.js';
import type { Reason } from '../../shared/reason.js';
import type { AttemptResult, Execution, ExecutionState } from '../execution.js';
import { jobReason } from '../job-reasons.js';
import { tooManyFailures, withResult } from './abort-rule.js';
import { EXECUTION_COLUMNS, type ExecutionRow, toExecution } from './execution-row.js';
import { countMoves, type JobChange, lockJobs, triesOf, writeCounts } from './job-counts.js';
import type { JobRow } from './job-row.js';
import { type TriesBefore, type Verdict, verdictOf } from './verdict.js';

/** An attempt that has ended. */
export interface Ended {
  job: string;
  clientid: string;
  attempt: number;
  /** The manager that carried it out: another one that has taken over decides alone. */
  instance: string;
  result: AttemptResult;
  /** It is ended by somebody else than who carries it out: the steps that are done in any case are still to be done. */
  isFromOutside?: boolean;
}

/** What became of it; null if it was decided otherwise before, or another manager has it. */
export type Decided = { job: JobRow; execution: Execution } | null;

const MAX_BATCH = 200;
const MAX_WAITING = 20_000;

const UNDER_WAY = `
  select execution.job::text as job, execution.clientid, execution.attempts, execution.failed_tries, execution.timed_out_tries,
    execution.busy_times, execution.step
  from tpe_job_execution execution
    join unnest($1::bigint[], $2::text[], $3::integer[], $4::text[]) as ended (job, clientid, attempt, instance)
      on execution.job = ended.job and execution.clientid = ended.clientid and execution.attempts = ended.attempt
        and execution.instance = ended.instance
  where execution.state = 'IN_PROGRESS' order by execution.job, execution.clientid for update of execution`;

/**
 * Since when it waits for its gateway: where nothing tells that one is back, it is tried again and again, and all that ended alike are one
 * wait, in which the attempts before this one are known by their rows.
 */
const WAITS_SINCE = `coalesce((
  select min(alike.ended_at) from tpe_job_attempt alike
  where alike.job = execution.job and alike.clientid = execution.clientid and alike.no < execution.attempts
    and alike.no > coalesce((
      select max(other.no) from tpe_job_attempt other
      where other.job = execution.job and other.clientid = execution.clientid and other.no < execution.attempts
        and (other.state is distinct from 'QUEUED' or other.cause ->> 'code' is distinct from decided.cause::jsonb ->> 'code')), 0)), now())`;

/** One that was tried has no deadline until it waits. */
const DECIDE = `
  update tpe_job_execution execution set state = decided.state, waiting_for = decided.waiting_for,
    waiting_reason = case when decided.waiting_for is not null then decided.reason end,
    waiting_cause = case when decided.waiting_for is not null then decided.cause::jsonb end,
    reason = case when decided.waiting_for is null then decided.reason end,
    cause = case when decided.waiting_for is null then decided.cause::jsonb end,
    next_at = case when decided.again is not null then now() + make_interval(secs => decided.again)
      when decided.waiting_for is not null and decided.waiting_for <> 'offline' then '-infinity' end,
    deadline = case when decided.waiting_for = 'offline' then ${WAITS_SINCE} + make_interval(secs => decided.offline) end,
    is_uncertain = decided.uncertain, may_repeat = decided.may_repeat,
    step = case when decided.from_start then 0 else execution.step end,
    failure = case when decided.from_start then null
      when decided.owes then coalesce(execution.failure, jsonb_build_object('text', decided.reason, 'cause', decided.cause::jsonb))
      else execution.failure end,
    failed_tries = execution.failed_tries + decided.failed, timed_out_tries = execution.timed_out_tries + decided.timed_out,
    busy_times = execution.busy_times + decided.busy, instance = case when decided.owes then execution.instance end, changed_no = nextval('tpe_job_change'),
    ended_at = case when decided.waiting_for is null then now() end
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::double precision[], $8::boolean[],
      $9::boolean[], $10::boolean[], $11::integer[], $12::integer[], $13::integer[], $14::integer[], $15::boolean[])
    as decided (job, clientid, state, waiting_for, reason, cause, again, uncertain, may_repeat, from_start, failed, timed_out, busy,
      offline, owes)
  where execution.job = decided.job and execution.clientid = decided.clientid
  returning ${EXECUTION_COLUMNS}`;

const END_ATTEMPTS = `
  update tpe_job_attempt attempt set ended_at = now(), state = ended.state, reason = ended.reason, cause = ended.cause::jsonb
  from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[])
    as ended (job, clientid, no, state, reason, cause)
  where attempt.job = ended.job and attempt.clientid = ended.clientid and attempt.no = ended.no`;

/** The gateway is free for other jobs that wait for it. No change with a number, since these jobs are not locked. */
const FREE = `
  update tpe_job_execution execution set waiting_for = 'rate', waiting_reason = null, waiting_cause = null, next_at = '-infinity'
  where execution.clientid = any($1::text[]) and execution.state = 'QUEUED' and execution.waiting_for = 'busy'
    and execution.next_at is not null and execution.job <> all($2::bigint[])
    and (execution.job, execution.clientid) in (select waiting.job, waiting.clientid from tpe_job_execution waiting
      where waiting.clientid = any($1::text[]) and waiting.state = 'QUEUED' and waiting.job <> all($2::bigint[]) for update skip locked)`;

interface UnderWay extends Row, TriesBefore {
  job: string;
  clientid: string;
  attempts: number;
  step: number;
}

interface Judged {
  ended: Ended;
  verdict: Verdict;
  /** Whoever carried it out, or takes over from it, has steps left that are done in any case. */
  owes: boolean;
}

/**
 * Creates the decisions about attempts that have ended, many in one transaction, in which the counters of the jobs and the rule that stops
 * them change too. An attempt is decided once, by the manager that has it.
 */
export function createDecisions(database: Database): GroupCommit<Ended, Decided> {
  return createGroupCommit<Ended, Decided>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    write: (batch) => database.transaction((transaction) => decide(transaction, batch)),
  });
}

/** Decides in the order of the batch. */
export async function decide(transaction: Queryable, batch: readonly Ended[]): Promise<Decided[]> {
  const jobs = new Map<string, JobRow>();
  const ids = [...new Set(batch.map(({ job }) => job))];
  for (const row of await lockJobs(transaction, ids)) jobs.set(row.id, row);
  const rows = await transaction.query<UnderWay>(UNDER_WAY, [
    batch.map(({ job }) => job),
    batch.map(({ clientid }) => clientid),
    batch.map(({ attempt }) => attempt),
    batch.map(({ instance }) => instance),
  ]);
  const underWay = new Map(rows.map((row) => [keyOf(row), row]));
  const judged: Judged[] = [];
  for (const ended of batch) {
    const row = underWay.get(keyOf(ended));
    const job = jobs.get(ended.job);
    if (row === undefined || job === undefined) continue;
    underWay.delete(keyOf(ended));
    const verdict = verdictOf(ended.result, row, job.pace, job.state);
    const isLeft = ended.isFromOutside === true && verdict.state !== 'QUEUED';
    judged.push({ ended, verdict, owes: isLeft && job.steps.slice(row.step).some(({ always }) => always) });
  }
  if (judged.length === 0) return batch.map(() => null);
  const executions = await write(transaction, judged, jobs);
  for (const [id, job] of jobs) {
    const own = judged.filter(({ ended }) => ended.job === id);
    if (own.length > 0) jobs.set(id, await writeCounts(transaction, job, changeOf(job, own)));
  }
  const decided = new Set(judged.map(({ ended }) => ended));
  return batch.map((ended) => {
    const execution = decided.has(ended) ? executions.get(keyOf(ended)) : undefined;
    return execution === undefined ? null : { job: jobs.get(ended.job)!, execution };
  });
}

function keyOf({ job, clientid }: { job: string; clientid: string }): string {
  return `${job} ${clientid}`;
}

async function write(
  transaction: Queryable,
  judged: readonly Judged[],
  jobs: ReadonlyMap<string, JobRow>,
): Promise<Map<string, Execution>> {
  const ids = judged.map(({ ended }) => ended.job);
  const clientids = judged.map(({ ended }) => ended.clientid);
  const states = judged.map(({ verdict }) => verdict.state);
  const reasons = judged.map(({ verdict }) => verdict.reason?.text ?? null);
  const causes = judged.map(({ verdict }) => causeText(verdict.reason));
  const rows = await transaction.query<ExecutionRow>(DECIDE, [
    ...[ids, clientids, states, judged.map(({ verdict }) => verdict.waitingFor), reasons, causes],
    judged.map(({ verdict }) => verdict.again),
    judged.map(({ verdict }) => verdict.isUncertain),
    judged.map(({ verdict }) => verdict.mayRepeat),
    judged.map(({ verdict }) => verdict.fromStart),
    judged.map(({ verdict }) => verdict.failedTries),
    judged.map(({ verdict }) => verdict.timedOutTries),
    judged.map(({ verdict }) => verdict.busyTimes),
    judged.map(({ ended }) => jobs.get(ended.job)!.pace.offlineSeconds),
    judged.map(({ owes }) => owes),
  ]);
  const attempts = judged.map(({ ended }) => ended.attempt);
  // What an attempt ended with, also if the execution is tried again.
  const results = judged.map(({ ended, verdict }) =>
    'state' in ended.result ? ended.result.state : verdict.state,
  );
  await transaction.query(END_ATTEMPTS, [ids, clientids, attempts, results, reasons, causes]);
  await transaction.query(FREE, [clientids, [...new Set(ids)]]);
  return new Map(rows.map((row) => [keyOf(row), toExecution(row)]));
}

function changeOf(job: JobRow, judged: readonly Judged[]): JobChange {
  const states = judged.map(({ verdict }): readonly [ExecutionState, ExecutionState] => [
    'IN_PROGRESS',
    verdict.state,
  ]);
  const tries = judged.reduce((before, { verdict }) => withResult(before, verdict.state), triesOf(job));
  const repository = judged.find(({ verdict }) => verdict.repositoryFault)?.verdict.reason ?? null;
  return { deltas: countMoves(states), tries, pause: pauseOf(repository, tooManyFailures(tries)) };
}

function pauseOf(repository: Reason | null, failures: Reason | null): JobChange['pause'] {
  if (repository !== null) {
    return { why: 'repository', reason: jobReason('job-repository-away', { reason: repository }) };
  }
  return failures === null ? null : { why: 'failures', reason: failures };
}

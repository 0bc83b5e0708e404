import { exceeds, needsConfirmation, type Rating } from '../../catalogue/risk.js';
import type { Database, Queryable } from '../../database/database.js';
import type { Registry } from '../../registry/registry.js';
import { filterOf } from '../../registry/targets.js';
import { badField } from '../../shared/invalid-input.js';
import type { Reason } from '../../shared/reason.js';
import { isStorable, quotable } from '../../shared/text.js';
import { asTpeError, TpeError } from '../../shared/tpe-error.js';
import { whyTooMany } from '../definition/filling-work.js';
import type { ExecutionState } from '../execution.js';
import type { JobAct, JobState, Jobs, RetryOf } from '../job.js';
import { jobReason } from '../job-reasons.js';
import type { JobPlanner } from '../planner.js';
import { NO_TRIES } from '../store/abort-rule.js';
import { countMoves, triesOf, writeCounts } from '../store/job-counts.js';
import { JOB_COLUMNS, type JobRow, toJob } from '../store/job-row.js';
import { readTargets } from '../store/job-targets.js';
import { readExecution, readJob } from '../store/lists.js';
import { endWaiting } from '../store/moves.js';
import { RETRIED_TOGETHER } from '../store/retried.js';
import { type CancelOptions, cancelJob } from './cancel-job.js';
import { checkVersion, lockFor, notFound, notNow, setState } from './lock-for.js';

export type JobActs = Pick<Jobs, 'submit' | 'pause' | 'resume' | 'cancel' | 'retry' | 'skip'>;

export interface ActOptions extends CancelOptions {
  registry: Pick<Registry, 'counts'>;
  planner: JobPlanner;
}

const SUBMIT = `
  update tpe_job job set state = 'CREATING', submitted_at = now(), submitted_pace = job.pace, preview_hash = $2, creating_at = now(),
    risk = $3, classes = $4::text[], version = job.version + 1, updated_at = now()
  where job.id = $1::bigint returning ${JOB_COLUMNS}`;

/** The bucket begins empty, so that a pause gives no burst. */
const GO_ON = `
  update tpe_job set tokens = 0, tokens_at = clock_timestamp(), risk = $2, classes = $3::text[] where id = $1::bigint`;

/**
 * A new try from the first step, by its own count; its number goes on, since commands of the attempts before are known by it. The attempt
 * that it waited behind has ended as it did, so that the next wait is another one.
 */
const RETRY = `
  with chosen as materialized (
    select execution.clientid, execution.state, execution.attempts from tpe_job_execution execution
    where execution.job = $1::bigint and (CONDITION)
    order by execution.clientid limit $2 for update),
  waited as (
    update tpe_job_attempt attempt set state = chosen.state from chosen
    where attempt.job = $1::bigint and attempt.clientid = chosen.clientid and attempt.no = chosen.attempts and attempt.state = 'QUEUED')
  update tpe_job_execution execution set state = 'QUEUED', waiting_for = 'rate', next_at = '-infinity', deadline = null, step = 0,
    failure = null, instance = null, failed_tries = 0, timed_out_tries = 0, busy_times = 0, reason = null, cause = null, is_uncertain = false,
    may_repeat = false, ended_at = null, changed_no = nextval('tpe_job_change')
  from chosen where execution.job = $1::bigint and execution.clientid = chosen.clientid
  returning chosen.state as before`;

const AGAIN: ReadonlySet<ExecutionState> = new Set([
  'FAILED',
  'TIMED_OUT',
  'REJECTED',
  'EXPIRED',
  'CANCELED',
  'REMOVED',
]);

const PIECE = 500;
/** How far the number of gateways may be from what was expected. */
const TOLERANCE = 0.1;

/** Throws INVALID_INPUT for a text that the database cannot have. */
function refuseUnstorable(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [field, text] of Object.entries(texts))
    if (text !== undefined && !isStorable(text)) throw badField(field, 'text that the database can store');
}

/** Creates what people and flows do with jobs that are submitted, or about to be. */
export function createActs(options: ActOptions): JobActs {
  const { database, planner, onChanged } = options;

  async function act(
    id: string,
    given: JobAct,
    states: readonly JobState[],
    work: (transaction: Queryable, row: JobRow) => Promise<JobRow>,
  ) {
    const row = await database.transaction(async (transaction) =>
      work(transaction, await lockFor(transaction, id, given, states)),
    );
    onChanged(row);
    return toJob(row);
  }

  return {
    async submit(id, given) {
      refuseUnstorable({ previewHash: given.previewHash });
      const draft = await readJob(database, id);
      if (draft === null) throw notFound(id);
      if (draft.state !== 'DRAFT') throw notNow(draft);
      checkVersion(draft, given.version);
      const rating = rateNow(planner, draft);
      await checkNumber(options, draft, rating, given.confirm);
      const asRead = { ...given, version: draft.version };
      return await act(id, asRead, ['DRAFT'], async (transaction) => {
        const parameters = [id, given.previewHash ?? null, rating.risk, rating.classes];
        return (await transaction.query<JobRow>(SUBMIT, parameters))[0]!;
      });
    },
    pause: (id, given) =>
      act(id, given, ['RUNNING'], (transaction) =>
        setState(transaction, id, 'PAUSED', 'requested', jobReason('job-paused-by', { by: given.by })),
      ),
    resume: (id, given) =>
      act(id, given, ['PAUSED'], async (transaction, row) => {
        const rating = rateNow(planner, row);
        if (exceeds(rating, row)) checkConfirmed(rating, row.total, given.confirm);
        await transaction.query(GO_ON, [id, rating.risk, rating.classes]);
        const begins = row.pause_reason === 'recording' ? 'CREATING' : 'RUNNING';
        const next = await setState(transaction, id, begins, null, null);
        const tries = row.pause_reason === 'failures' ? NO_TRIES : triesOf(row);
        return await writeCounts(transaction, next, { deltas: new Map(), tries });
      }),
    cancel: (id, given) => cancelJob(options, id, given),
    retry: (id, which, given) => retry(options, id, which, given),
    skip: (id, clientids, given) => skip(options, id, clientids, given),
  };
}

/** Rates a job by the catalogue of now. Throws CONFLICT if that is not possible any more. */
function rateNow(planner: JobPlanner, row: JobRow): Rating {
  try {
    return planner.rate(row.steps);
  } catch (error) {
    throw new TpeError('CONFLICT', jobReason('job-operation-changed', { reason: asTpeError(error).reason }));
  }
}

/** Why a job may not go on by the catalogue of now; null if it may. */
export function operationChange(planner: JobPlanner, row: JobRow): Reason | null {
  try {
    const now = planner.rate(row.steps);
    if (!exceeds(now, row)) return null;
    return jobReason('job-operation-changed', {
      reason: jobReason('job-operation-riskier', { risk: now.risk }),
    });
  } catch (error) {
    return jobReason('job-operation-changed', { reason: asTpeError(error).reason });
  }
}

async function checkNumber(
  { database, registry, planner }: ActOptions,
  { id, definition, steps }: JobRow,
  rating: Rating,
  confirm: string | undefined,
): Promise<void> {
  const targets = await readTargets(database, id);
  const isNamed = targets.kind === 'one' || targets.kind === 'list';
  const { clientids = [] } = isNamed ? filterOf(targets) : {};
  const found = isNamed ? clientids.length : (await registry.counts(filterOf(targets))).total;
  const most = planner.mostGateways(steps);
  if (found > most) throw new TpeError('CONFLICT', whyTooMany(most), { field: 'targets', found });
  const { expect: expected } = definition.targets;
  if (expected !== undefined && Math.abs(found - expected) > expected * TOLERANCE) {
    const reason = jobReason('job-number-unexpected', { expected, found });
    throw new TpeError('CONFLICT', reason, { field: 'targets.expect', found });
  }
  checkConfirmed(rating, found, confirm);
}

/** Throws CONFLICT where somebody has to type the number of gateways, and has not. */
function checkConfirmed(rating: Rating, count: number, confirm: string | undefined): void {
  const confirmation = String(count);
  if (!needsConfirmation(rating) || confirm === confirmation) return;
  throw new TpeError('CONFLICT', jobReason('job-confirm-number', { confirmation }), { confirmation });
}

async function retry(
  { database, onChanged }: ActOptions,
  id: string,
  which: RetryOf,
  given: JobAct,
): Promise<number> {
  refuseUnstorable(narrowedBy(which));
  if (which.which === 'one') await checkOne(database, id, which);
  let total = 0;
  let { version } = given;
  for (;;) {
    const { row, count } = await database.transaction(async (transaction) => {
      const before = await lockFor(transaction, id, { ...given, ...(version !== undefined && { version }) }, [
        ...(['RUNNING', 'PAUSED', 'COMPLETED'] as const),
      ]);
      return await retrySome(transaction, before, which);
    });
    total += count;
    version = version === undefined ? undefined : row.version;
    if (count > 0) onChanged(row);
    if (count < PIECE) return total;
  }
}

async function checkOne(
  database: Database,
  id: string,
  { clientid, confirm }: Extract<RetryOf, { which: 'one' }>,
): Promise<void> {
  if ((await readJob(database, id)) === null) throw notFound(id);
  const found = await readExecution(database, id, clientid);
  if (found === null) {
    throw new TpeError('NOT_FOUND', jobReason('job-execution-unknown', { id, clientid: quotable(clientid) }));
  }
  const { state, isUncertain } = found.execution;
  if (!AGAIN.has(state)) throw new TpeError('CONFLICT', jobReason('job-not-now', { state }), { state });
  if (isUncertain && confirm !== clientid) {
    const reason = jobReason('job-confirm-gateway', { confirmation: quotable(clientid) });
    throw new TpeError('CONFLICT', reason, { confirmation: clientid });
  }
}

async function retrySome(
  transaction: Queryable,
  before: JobRow,
  which: RetryOf,
): Promise<{ row: JobRow; count: number }> {
  const { condition, parameters } = conditionOf(which);
  const rows = await transaction.query<{ before: ExecutionState }>(RETRY.replace('CONDITION', condition), [
    ...[before.id, PIECE],
    ...parameters,
  ]);
  if (rows.length === 0) return { row: before, count: 0 };
  const isOver = before.state === 'COMPLETED';
  const next = isOver ? await setState(transaction, before.id, 'RUNNING', null, null) : before;
  const deltas = countMoves(rows.map((row) => [row.before, 'QUEUED'] as const));
  const tries = isOver ? NO_TRIES : triesOf(before);
  return { row: await writeCounts(transaction, next, { deltas, tries }), count: rows.length };
}

/** What gateways that failed have to have in common with each of these. */
const NARROWED = {
  code: "coalesce(execution.cause ->> 'code', execution.reason)",
  model: "coalesce(execution.model, '')",
  firmware: "coalesce(execution.version, '')",
} as const;

function narrowedBy(which: RetryOf): Partial<Record<keyof typeof NARROWED, string>> {
  if (which.which === 'failed' || which.which === 'one') return {};
  const { which: _which, ...narrowed } = which;
  return narrowed;
}

function conditionOf(which: RetryOf): { condition: string; parameters: unknown[] } {
  if (which.which === 'one') {
    return {
      condition: 'execution.clientid = $3 and execution.state = any($4::text[])',
      parameters: [which.clientid, [...AGAIN]],
    };
  }
  const given = narrowedBy(which);
  const names = (['code', 'model', 'firmware'] as const).filter((name) => given[name] !== undefined);
  const conditions = names.map((name, index) => `${NARROWED[name]} = $${index + 3}`);
  return {
    condition: [RETRIED_TOGETHER, ...conditions].join(' and '),
    parameters: names.map((name) => given[name]),
  };
}

async function skip(
  { database, onChanged }: ActOptions,
  id: string,
  clientids: readonly string[],
  given: JobAct,
): Promise<number> {
  let total = 0;
  let { version } = given;
  for (const clientid of clientids) refuseUnstorable({ clientids: clientid });
  for (let begin = 0; begin < clientids.length || begin === 0; begin += PIECE) {
    const some = clientids.slice(begin, begin + PIECE);
    const { job, ended } = await database.transaction(async (transaction) => {
      const row = await lockFor(transaction, id, { ...given, ...(version !== undefined && { version }) }, [
        ...(['RUNNING', 'PAUSED'] as const),
      ]);
      return await endWaiting(transaction, row, {
        ...{ condition: 'execution.clientid = any($6::text[])', parameters: [some] },
        ...{ state: 'CANCELED', reason: jobReason('job-skipped-by', { by: given.by }), limit: PIECE },
      });
    });
    total += ended.length;
    version = version === undefined ? undefined : job.version;
    onChanged(job);
    if (job.state !== 'RUNNING' && job.state !== 'PAUSED') break;
  }
  return total;
}

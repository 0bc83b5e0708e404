import type { Queryable } from '../../database/database.js';
import type { Sites } from '../../sites/sites.js';
import type { ExecutionWork } from '../execution.js';
import { type JobGuard, slotOwner } from '../job-guard.js';
import { dueOf } from './claim-candidates.js';
import { siteRoom, stopsOf } from './claim-limits.js';
import { type Fit, factsOf, judge, later, type Parked } from './claim-obstacles.js';
import { move, park } from './claim-parking.js';
import { leaveOut, leaveOutSites, type Refused, type Round } from './claim-round.js';
import { takeTokens, tokensOf, type WithTokens } from './claim-tokens.js';
import { shutSites } from './claim-windows.js';
import { countMoves, writeCounts } from './job-counts.js';
import { JOB_COLUMNS, type JobRow } from './job-row.js';

export interface ClaimOptions {
  instance: string;
  guard: JobGuard;
  sites: Pick<Sites, 'shut'>;
  /** Whether an offline presence can be trusted. */
  knowsPresence(): boolean;
  /** How long a window has to stay open for what a job does on one gateway, s. */
  secondsOf(job: JobRow): number;
}

/** What a claim has begun. */
export interface Claimed {
  job: JobRow;
  works: ExecutionWork[];
  /** The gateways that were looked at and wait or are gone now; for the news. */
  passed: number;
  /** There may be more that can be begun at once. */
  again: boolean;
}

/** So many are begun in one transaction at most, since it locks each gateway that it looks at. */
const MOST = 100;
/** How many are looked at for each that may be begun, so that those that may not do not block the others. */
const LOOKED_AT = 4;

/** The time is read behind the lock: no transaction that had to wait gives tokens for the same seconds again. */
const LOCK_RUNNING = `
  with locked as materialized (
    select job.*, job.id as key from tpe_job job where job.id = $1::bigint and job.state = 'RUNNING' for update skip locked)
  select ${JOB_COLUMNS}, job.tokens, extract(epoch from clock_timestamp() - job.tokens_at)::double precision as elapsed
  from locked job`;

const BEGIN = `
  update tpe_job_execution execution set state = 'IN_PROGRESS', waiting_for = null, waiting_reason = null, waiting_cause = null,
    next_at = null, deadline = now() + make_interval(secs => $2), attempts = execution.attempts + 1, instance = $3,
    site = begun.site, model = begun.model, version = begun.version, changed_no = nextval('tpe_job_change'),
    started_at = coalesce(execution.started_at, now()), ended_at = null
  from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as begun (clientid, site, model, version)
  where execution.job = $1::bigint and execution.clientid = begun.clientid
  returning execution.clientid, execution.attempts, execution.deadline`;

const ATTEMPT = `
  insert into tpe_job_attempt (job, clientid, no)
  select $1::bigint, begun.clientid, begun.no from unnest($2::text[], $3::integer[]) as begun (clientid, no)
  on conflict do nothing`;

/**
 * Begins executions of a running job in a transaction, as many as its rate, its own limits and `free` allow. Null if another manager is
 * at it, or it does not run. What is claimed is under way, whatever becomes of this process. What the guard refuses is added to the round.
 */
export async function claim(
  transaction: Queryable,
  id: string,
  free: number,
  round: Round,
  options: ClaimOptions,
): Promise<Claimed | null> {
  // Before any row is locked: whoever stops must not wait for those who wait for rows.
  const stops = await options.guard.stops(transaction);
  const [job] = await transaction.query<WithTokens>(LOCK_RUNNING, [id]);
  if (job === undefined) return null;
  const stopped = stopsOf(job, stops);
  const tokens = tokensOf(job);
  const room = Math.min(job.pace.maxInProgress - job.in_progress, free, MOST);
  const isHeld = stopped.all || (round.refused.fleet && options.guard.disturbs(job));
  const want = isHeld ? 0 : Math.floor(Math.min(tokens, room));
  if (want <= 0) {
    await takeTokens(transaction, job, tokens, 0);
    return { job, works: [], passed: 0, again: false };
  }
  const sites = await siteRoom(transaction, job);
  const limit = want * LOOKED_AT;
  const due = await dueOf(transaction, job, { want, limit }, { sites, stopped, round }, options.guard);
  const facts = await factsOf(transaction, due);
  const shut = await shutSites(transaction, job, facts, options.sites, options.secondsOf);
  leaveOutSites(round, job.id, shut.keys());
  const knowsPresence = options.knowsPresence();
  const { parked, fit, moved } = judge(due, facts, { sites, stopped, shut, knowsPresence });
  await move(transaction, job, moved);
  const begun = await guarded(transaction, job, { fit, want, parked, refused: round.refused }, options);
  await park(transaction, job, parked);
  const works = await begin(transaction, job, begun, options.instance);
  await takeTokens(transaction, job, tokens, works.length);
  const removed = parked.filter(({ state }) => state === 'REMOVED').length;
  const deltas = countMoves([
    ...works.map(() => ['QUEUED', 'IN_PROGRESS'] as const),
    ...Array.from({ length: removed }, () => ['QUEUED', 'REMOVED'] as const),
  ]);
  const changed = deltas.size > 0 ? await writeCounts(transaction, job, { deltas }) : job;
  // Each of these is left out or changed when it is looked at again, so that this comes to an end.
  const again = due.length >= limit - want && parked.length + works.length + moved.length > 0;
  return { job: changed, works, passed: parked.length, again };
}

interface Candidates {
  fit: Fit[];
  /** So many of them begin at most. */
  want: number;
  parked: Parked[];
  refused: Refused;
}

/** Those that begin: with a slot of the guard, if they need one. What it refuses is added to `parked`, and its scope to `refused`. */
async function guarded(
  transaction: Queryable,
  job: JobRow,
  { fit, want, parked, refused }: Candidates,
  { guard }: ClaimOptions,
): Promise<Fit[]> {
  if (fit.length === 0 || !guard.disturbs(job)) return fit.slice(0, want);
  const requests = fit.map(({ clientid, attempts }) => ({
    clientid,
    owner: slotOwner({ job: job.id, clientid, attempt: attempts + 1 }),
  }));
  const answers = await guard.takeMany(transaction, requests, want);
  for (const [index, answer] of answers.entries()) {
    if (answer === null) continue;
    const { clientid } = fit[index]!;
    parked.push({ clientid, state: 'QUEUED', waitingFor: 'guard', reason: answer.reason, again: later() });
    leaveOut(refused, answer);
  }
  return fit.filter((_one, index) => answers[index] === null);
}

async function begin(
  transaction: Queryable,
  { id, pace }: JobRow,
  begun: readonly Fit[],
  instance: string,
): Promise<ExecutionWork[]> {
  if (begun.length === 0) return [];
  const rows = await transaction.query<{ clientid: string; attempts: number; deadline: Date }>(BEGIN, [
    id,
    pace.inProgressSeconds,
    instance,
    begun.map(({ clientid }) => clientid),
    begun.map(({ facts }) => facts.site ?? ''),
    begun.map(({ facts }) => facts.model),
    begun.map(({ facts }) => facts.version),
  ]);
  await transaction.query(ATTEMPT, [
    id,
    rows.map(({ clientid }) => clientid),
    rows.map(({ attempts }) => attempts),
  ]);
  const byId = new Map(rows.map((row) => [row.clientid, row]));
  return begun.flatMap(({ clientid, step, failure, given }) => {
    const row = byId.get(clientid);
    if (row === undefined) return [];
    const values = given ?? {};
    return [
      { job: id, clientid, attempt: row.attempts, step, failure, values, deadline: row.deadline.getTime() },
    ];
  });
}

import { type Rating, RISKS } from '../../catalogue/risk.js';
import { causeText } from '../../database/cause-text.js';
import type { Queryable, Row } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import type { ExecutionState, ExecutionWork, WaitingFor } from '../execution.js';
import { jobReason } from '../job-reasons.js';
import { countMoves, writeCounts } from './job-counts.js';
import { JOB_COLUMNS, type JobRow } from './job-row.js';
import type { AttemptOf } from './under-way.js';

/** A stop that is active, as the guard has it. */
export interface ActiveStop {
  scope: 'fleet' | 'site' | 'model' | 'job';
  value: string | null;
  by: string;
}

/** What jobs need of the guard that limits harm. */
export interface JobGuard {
  /** The active stops. With a transaction, a stop holds with its commit for what is claimed in it. */
  stops(transaction: Queryable): Promise<ActiveStop[]>;
  /** Whether what has this rating needs a slot. */
  disturbs(rating: Rating): boolean;
  /**
   * Takes slots in a transaction, `most` at most; the answers are in the order of the requests, null for a slot that is held now, and fewer
   * where no more were wanted.
   */
  takeMany(
    transaction: Queryable,
    requests: readonly { clientid: string; owner: SlotOwner }[],
    most: number,
  ): Promise<(GuardRefusal | null)[]>;
  /** Tells everybody that slots were taken. */
  holdsChanged(): void;
  ended(owner: SlotOwner, how: SlotEnd): Promise<void>;
}

/** What becomes of a gateway when an attempt has ended, as the guard knows it. */
export type SlotEnd = 'never-sent' | 'done' | 'restarts' | 'unknown';

/** Nobody else of the scope gets a slot now, either. */
export interface GuardRefusal {
  scope: 'fleet' | 'site' | 'model' | 'set';
  value: string;
  reason: Reason;
}

export interface SlotOwner {
  kind: 'execution';
  id: string;
}

/** The owner of a slot: an attempt, so that the end of one says nothing of the next. */
export function slotOwner({ job, clientid, attempt }: AttemptOf): SlotOwner {
  return { kind: 'execution', id: `${job}/${clientid}/${attempt}` };
}

export interface ClaimOptions {
  instance: string;
  guard: JobGuard;
  /** Whether an offline presence can be trusted. */
  knowsPresence(): boolean;
}

/** What a round over all jobs knows already, so that it does not look in vain again and again. */
export interface Round {
  /** Slots have come back: what waits for the guard or a stop is looked at, whatever its time. */
  heldAreDue: boolean;
  /** The scopes of which the guard gives no slots now. */
  refused: Refused;
}

interface Refused {
  fleet: boolean;
  sites: Set<string>;
  models: Set<string>;
  sets: Set<string>;
}

export function newRound(heldAreDue: boolean): Round {
  return { heldAreDue, refused: nothingRefused() };
}

function nothingRefused(): Refused {
  return { fleet: false, sites: new Set(), models: new Set(), sets: new Set() };
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
/** The burst of the bucket: what so many seconds of the rate give. */
const BURST_S = 2;
/** How old the tokens of a job are at most that has something to begin and is looked at, s; how late jobs are is measured by it. */
export const TOKENS_EACH_S = 30;
/** When one that may not begin is looked at again, s. */
const AGAIN = { least: 15, spread: 15 };
/** The first key of the advisory locks by which two jobs never begin with one gateway at once. */
const GATEWAY_LOCK = 7_430_040;

/** The time is read behind the lock: no transaction that had to wait gives tokens for the same seconds again. */
const LOCK_RUNNING = `
  with locked as materialized (
    select job.*, job.id as key from tpe_job job where job.id = $1::bigint and job.state = 'RUNNING' for update skip locked)
  select ${JOB_COLUMNS}, job.tokens, extract(epoch from clock_timestamp() - job.tokens_at)::double precision as elapsed
  from locked job`;

const TAKE_TOKENS = 'update tpe_job set tokens = $2, tokens_at = clock_timestamp() where id = $1::bigint';

const QUEUED = "execution.state = 'QUEUED' and execution.next_at is not null";
const FRESH = "execution.waiting_for in ('rate', 'retry') and execution.next_at <= now()";
/** Those that were looked at and could not begin. */
const heldSql = (heldAreDue: string) => `execution.waiting_for in ('guard', 'busy', 'stop')
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

/** Of gateways that have moved, so that what is full or stopped where they are now leaves them out. */
const MOVE = `
  update tpe_job_execution execution set site = moved.site, model = moved.model, changed_no = nextval('tpe_job_change')
  from unnest($2::text[], $3::text[], $4::text[]) as moved (clientid, site, model)
  where execution.job = $1::bigint and execution.clientid = moved.clientid`;

/** A statement of its own behind the locks, so that it sees what others have begun meanwhile. */
const FACTS = `
  select asked.clientid, profile.clientid is not null as is_registered, coalesce(credential.enabled, false) as is_enabled,
    profile.site, profile.model_name as model, profile.firmware_version as version,
    presence.status is distinct from 'online' as is_offline, presence.since,
    (select other.job::text from tpe_job_execution other
      where other.clientid = asked.clientid and other.state = 'IN_PROGRESS' limit 1) as busy_job,
    (select installation.id::text from tpe_installation installation
      where installation.clientid = asked.clientid and installation.state in ('QUEUED', 'IN_PROGRESS') limit 1) as busy_installation
  from unnest($1::text[]) as asked (clientid)
    left join clientid_profile profile on profile.clientid = asked.clientid
    left join mqtt_user credential on credential.clientid = asked.clientid
    left join tpe_presence presence on presence.clientid = asked.clientid`;

const UNDER_WAY_BY_SITE = `
  select execution.site, count(*)::integer as count from tpe_job_execution execution
  where execution.job = $1::bigint and execution.state = 'IN_PROGRESS' group by execution.site`;

const PARK = `
  update tpe_job_execution execution set state = parked.state, waiting_for = parked.waiting_for, waiting_reason = parked.reason,
    waiting_cause = parked.cause::jsonb, changed_no = nextval('tpe_job_change'),
    next_at = case when parked.again is null then null else now() + make_interval(secs => parked.again) end,
    deadline = case when parked.waiting_for = 'offline' then coalesce(execution.deadline, now() + make_interval(secs => $2)) end,
    reason = case when parked.state = 'QUEUED' then null else parked.reason end,
    cause = case when parked.state = 'QUEUED' then null else parked.cause::jsonb end,
    ended_at = case when parked.state = 'QUEUED' then null else now() end
  from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::double precision[])
    as parked (clientid, state, waiting_for, reason, cause, again)
  where execution.job = $1::bigint and execution.clientid = parked.clientid`;

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

interface Due extends Row {
  clientid: string;
  attempts: number;
  step: number;
  failure: Reason | null;
  given: Record<string, unknown> | null;
  site: string;
  model: string | null;
  is_ours: boolean;
}

interface Facts extends Row {
  clientid: string;
  is_registered: boolean;
  is_enabled: boolean;
  site: string | null;
  model: string | null;
  version: string | null;
  is_offline: boolean;
  since: Date | null;
  busy_job: string | null;
  busy_installation: string | null;
}

/** A candidate that does not begin: where it is put. */
interface Parked {
  clientid: string;
  state: ExecutionState;
  waitingFor: WaitingFor | null;
  reason: Reason;
  /** Looked at again in so many seconds; null: when something happens. */
  again: number | null;
}

type Locked = JobRow & { tokens: number; elapsed: number };

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
  const [job] = await transaction.query<Locked>(LOCK_RUNNING, [id]);
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
  const due = await dueOf(transaction, job, { want, limit }, { sites, stopped, round }, options);
  const { parked, fit, moved } = await judge(transaction, due, sites, stopped, options);
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

async function dueOf(
  transaction: Queryable,
  job: JobRow,
  { want, limit }: { want: number; limit: number },
  { sites, stopped, round }: { sites: SiteRoom; stopped: Stopped; round: Round },
  { guard }: ClaimOptions,
): Promise<Due[]> {
  const refused = guard.disturbs(job) ? round.refused : nothingRefused();
  return await transaction.query<Due>(DUE, [
    ...[job.id, limit - want],
    [...sites.full, ...stopped.sites, ...refused.sites],
    [...stopped.models, ...refused.models],
    [...refused.sets],
    ...[limit, round.heldAreDue],
  ]);
}

/** They grow by themselves, so little is written while nothing begins, unless the time they count from is in the future. */
async function takeTokens(transaction: Queryable, { id, elapsed }: Locked, tokens: number, taken: number) {
  if (taken === 0 && elapsed >= 0 && elapsed < TOKENS_EACH_S) return;
  await transaction.query(TAKE_TOKENS, [id, tokens - taken]);
}

/** A clock that was set back gives no tokens, and takes none. */
function tokensOf({ tokens, elapsed, pace }: Locked): number {
  const perSecond = pace.maxPerMinute / 60;
  return Math.min(Math.max(1, perSecond * BURST_S), tokens + Math.max(0, elapsed) * perSecond);
}

interface Stopped {
  all: boolean;
  sites: string[];
  models: string[];
  by: Map<string, string>;
}

function stopsOf({ id, risk }: JobRow, stops: readonly ActiveStop[]): Stopped {
  const active = RISKS.indexOf(risk) >= RISKS.indexOf('write') ? stops : [];
  const of = (scope: ActiveStop['scope']) =>
    active.filter((stop) => stop.scope === scope).map(({ value }) => value ?? '');
  return {
    all: active.some(({ scope, value }) => scope === 'fleet' || (scope === 'job' && value === id)),
    sites: of('site'),
    models: of('model'),
    by: new Map(active.map(({ scope, value, by }) => [`${scope} ${value}`, by])),
  };
}

interface SiteRoom {
  full: string[];
  /** Takes a place of a site; false if it has none left. */
  take(site: string): boolean;
}

async function siteRoom(transaction: Queryable, { id, pace }: JobRow): Promise<SiteRoom> {
  const { perSite } = pace;
  if (perSite === null) return { full: [], take: () => true };
  const rows = await transaction.query<{ site: string; count: number }>(UNDER_WAY_BY_SITE, [id]);
  const counts = new Map(rows.map(({ site, count }) => [site, count]));
  return {
    // Gateways without a site are not on one site together.
    full: rows.filter(({ site, count }) => site !== '' && count >= perSite).map(({ site }) => site),
    take(site) {
      const count = counts.get(site) ?? 0;
      if (site !== '' && count >= perSite) return false;
      counts.set(site, count + 1);
      return true;
    },
  };
}

type Fit = Due & { facts: Facts };

async function judge(
  transaction: Queryable,
  due: readonly Due[],
  sites: SiteRoom,
  stopped: Stopped,
  options: ClaimOptions,
): Promise<{ parked: Parked[]; fit: Fit[]; moved: Fit[] }> {
  const rows = await transaction.query<Facts>(FACTS, [due.map(({ clientid }) => clientid)]);
  const byId = new Map(rows.map((row) => [row.clientid, row]));
  const parked: Parked[] = [];
  const fit: Fit[] = [];
  const moved: Fit[] = [];
  for (const one of due) {
    const facts = byId.get(one.clientid)!;
    if (facts.is_registered && ((facts.site ?? '') !== one.site || facts.model !== one.model))
      moved.push({ ...one, facts });
    const obstacle = obstacleOf(one, facts, stopped, options.knowsPresence());
    if (obstacle !== null) parked.push(obstacle);
    else if (sites.take(facts.site ?? '')) fit.push({ ...one, facts });
  }
  return { parked, fit, moved };
}

function obstacleOf(one: Due, facts: Facts, stopped: Stopped, knowsPresence: boolean): Parked | null {
  const { clientid } = one;
  const waits = (waitingFor: WaitingFor, reason: Reason, again: number | null = later()): Parked => ({
    ...{ clientid, state: 'QUEUED', waitingFor, reason, again },
  });
  const gone = (reason: Reason): Parked => ({
    ...{ clientid, state: 'REMOVED', waitingFor: null, reason, again: null },
  });
  if (!facts.is_registered) return gone(jobReason('job-gateway-retired'));
  if (!facts.is_enabled) return gone(jobReason('job-gateway-disabled'));
  const by = stopped.by.get(`site ${facts.site}`) ?? stopped.by.get(`model ${facts.model}`);
  if (by !== undefined) return waits('stop', jobReason('job-waits-stop', { by }));
  if (facts.is_offline && knowsPresence) return waits('offline', offlineReason(facts.since), null);
  if (facts.busy_job !== null) return waits('busy', jobReason('job-waits-job', { job: facts.busy_job }));
  const installation = facts.busy_installation;
  if (installation !== null) return waits('busy', jobReason('job-waits-installation', { installation }));
  return one.is_ours ? null : waits('busy', jobReason('job-waits-others'), 1);
}

export function offlineReason(since: Date | null): Reason {
  return since === null
    ? jobReason('job-waits-offline')
    : jobReason('job-waits-offline-since', { since: since.toISOString() });
}

function later(): number {
  return AGAIN.least + Math.random() * AGAIN.spread;
}

async function move(transaction: Queryable, { id }: JobRow, moved: readonly Fit[]): Promise<void> {
  if (moved.length === 0) return;
  await transaction.query(MOVE, [
    id,
    moved.map(({ clientid }) => clientid),
    moved.map(({ facts }) => facts.site ?? ''),
    moved.map(({ facts }) => facts.model),
  ]);
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

function leaveOut(refused: Refused, { scope, value }: GuardRefusal): void {
  if (scope === 'fleet') refused.fleet = true;
  else if (scope === 'site') refused.sites.add(value);
  else if (scope === 'model') refused.models.add(value);
  else refused.sets.add(value);
}

async function park(transaction: Queryable, { id, pace }: JobRow, parked: readonly Parked[]): Promise<void> {
  if (parked.length === 0) return;
  await transaction.query(PARK, [
    id,
    pace.offlineSeconds,
    parked.map(({ clientid }) => clientid),
    parked.map(({ state }) => state),
    parked.map(({ waitingFor }) => waitingFor),
    parked.map(({ reason }) => reason.text),
    parked.map(({ reason }) => causeText(reason)),
    parked.map(({ again }) => again),
  ]);
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

import { DEAD_AFTER_S } from '../../cluster/heartbeat.js';
import { causeText } from '../../database/cause-text.js';
import type { Database, Queryable } from '../../database/database.js';
import type { Device } from '../../registry/device.js';
import type { Registry } from '../../registry/registry.js';
import { filterOf, type Targets } from '../../registry/targets.js';
import { createPieceSize } from '../../shared/piece-size.js';
import type { Reason } from '../../shared/reason.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { MAX_TARGETS } from '../definition/definition.js';
import type { ExecutionState, WaitingFor } from '../execution.js';
import type { PauseReason } from '../job.js';
import { jobReason } from '../job-reasons.js';
import type { JobPlanner } from '../planner.js';
import { offlineReason } from '../store/claim-obstacles.js';
import { lockJob, writeCounts } from '../store/job-counts.js';
import { JOB_COLUMNS, type JobRow } from '../store/job-row.js';
import { readTargets } from '../store/job-targets.js';

export interface CreationOptions {
  database: Database;
  registry: Pick<Registry, 'list'>;
  planner: JobPlanner;
  instance: string;
  knowsPresence(): boolean;
  signal: AbortSignal;
}

/**
 * Reading and inserting so many gateways takes some 20 ms of the embedded database. Another one works beside this process, which larger pieces
 * cost less.
 */
const PIECES = {
  pglite: { first: 200, least: 50, most: 1000 },
  postgresql: { first: 500, least: 500, most: 1000 },
};

/** A job that nobody has gone on with for so long is free for another manager, s. */
const ABANDONED_AFTER_S = DEAD_AFTER_S;

const TAKE = `
  update tpe_job job set creator = $2, creating_at = now()
  where job.id = $1::bigint and job.state = 'CREATING'
    and (job.creator = $2 or job.creator is null or job.creating_at < now() - make_interval(secs => $3)
      or job.creating_at > now() + interval '1 hour')
  returning ${JOB_COLUMNS}`;

const INSERT = `
  insert into tpe_job_execution (job, clientid, ordinal, state, waiting_for, waiting_reason, waiting_cause, reason, cause, next_at,
    deadline, site, model, version, given, ended_at)
  select $1::bigint, made.clientid, made.ordinal, made.state, made.waiting_for,
    case when made.waiting_for is not null then made.reason end, case when made.waiting_for is not null then made.cause::jsonb end,
    case when made.waiting_for is null then made.reason end, case when made.waiting_for is null then made.cause::jsonb end,
    case when made.waiting_for <> 'rate' then null when $13::integer = 0 then '-infinity'::timestamptz
      else now() + make_interval(secs => random() * $13::integer) end,
    case made.waiting_for when 'offline' then now() + make_interval(secs => $2) end,
    made.site, made.model, made.version, value.given, case when made.state <> 'QUEUED' then now() end
  from unnest($4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
    as made (clientid, ordinal, state, waiting_for, reason, cause, site, model, version)
    left join tpe_job_value value on value.value_set = $3::bigint and value.clientid = made.clientid
  on conflict do nothing returning state`;

const SET_CURSOR = 'update tpe_job set create_cursor = $2, creating_at = now() where id = $1::bigint';

const VALUES =
  'select clientid, given from tpe_job_value where value_set = $1::bigint and clientid = any($2::text[])';

const FINISH = `
  update tpe_job job set state = $2, pause_reason = $3, reason = $4, cause = $5::jsonb, version = job.version + 1, value_set = null,
    create_cursor = null, creator = null, tokens = 1, tokens_at = clock_timestamp(), updated_at = now()
  where job.id = $1::bigint`;

/** Its executions go on where they stopped. */
const PAUSE = `
  update tpe_job job set state = 'PAUSED', pause_reason = 'recording', reason = $2, cause = $3::jsonb, creator = null,
    version = job.version + 1, updated_at = now()
  where job.id = $1::bigint and job.state = 'CREATING' and (job.creator is null or job.creator = $4)
  returning ${JOB_COLUMNS}`;

const ALL = `
  select execution.clientid from tpe_job_execution execution
  where execution.job = $1::bigint and execution.clientid > $2 order by execution.clientid limit $3`;

interface Made {
  clientid: string;
  ordinal: number;
  state: ExecutionState;
  waitingFor: WaitingFor | null;
  reason: Reason | null;
  site: string;
  model: string | null;
  version: string | null;
}

/** A part of the gateways that a job is meant for, and where the next part begins; null: there is none. */
interface Part {
  devices: Device[];
  /** Those that were named and are not registered. */
  unknown: string[];
  next: string | null;
}

/**
 * Records the executions of a job that is CREATING, piece by piece, until all are there: then it runs, or is paused if its gateways are not
 * those of the preview. Any manager can go on where another one stopped. Resolves with the row of the job; null if another manager is at
 * it, or there is nothing to do. Rejects as the database does, and when the signal is aborted.
 */
export async function createExecutions(options: CreationOptions, id: string): Promise<JobRow | null> {
  const pieces = createPieceSize(PIECES[options.database.kind]);
  let targets: Targets | null = null;
  for (;;) {
    options.signal.throwIfAborted();
    const row = await take(options, id);
    if (row === null) return null;
    targets ??= await eachOnce(options, id);
    const limit = pieces.now();
    const isLast = await pieces.timed(limit, async () =>
      writePart(options, row, await readPart(options, row, targets!, limit)),
    );
    await yieldToEventLoop();
    if (isLast) return await finish(options, id);
  }
}

/** Pauses a job whose executions cannot be recorded, until a person has it try again; null if another manager is at it. */
export async function pauseRecording(
  { database, instance }: Pick<CreationOptions, 'database' | 'instance'>,
  id: string,
  why: Reason,
): Promise<JobRow | null> {
  const reason = jobReason('job-recording-failed', { reason: why });
  return (await database.query<JobRow>(PAUSE, [id, reason.text, causeText(reason), instance]))[0] ?? null;
}

/** The targets of a job, in which no client id comes twice. */
async function eachOnce({ database }: CreationOptions, id: string): Promise<Targets> {
  const targets = await readTargets(database, id);
  await yieldToEventLoop();
  return targets.kind === 'list' ? { kind: 'list', clientids: [...new Set(targets.clientids)] } : targets;
}

async function take({ database, instance }: CreationOptions, id: string): Promise<JobRow | null> {
  return (await database.query<JobRow>(TAKE, [id, instance, ABANDONED_AFTER_S]))[0] ?? null;
}

async function readPart(
  { registry }: CreationOptions,
  { create_cursor: cursor }: JobRow,
  targets: Targets,
  limit: number,
): Promise<Part> {
  if (targets.kind === 'filter' || targets.kind === 'all') {
    const page = await registry.list({ ...filterOf(targets), limit, ...(cursor !== null && { cursor }) });
    return { devices: page.devices, unknown: [], next: page.next };
  }
  const all = targets.kind === 'one' ? [targets.clientid] : targets.clientids;
  const begin = cursor === null ? 0 : Number(cursor);
  const some = all.slice(begin, begin + limit);
  const { devices } = some.length === 0 ? { devices: [] } : await registry.list({ clientids: some, limit });
  const known = new Set(devices.map(({ clientid }) => clientid));
  const end = begin + some.length;
  return {
    devices,
    unknown: some.filter((clientid) => !known.has(clientid)),
    next: end < all.length ? String(end) : null,
  };
}

/** Resolves with whether it was the last part. */
async function writePart(options: CreationOptions, row: JobRow, part: Part): Promise<boolean> {
  await yieldToEventLoop();
  const made = await makeAll(options, row, part);
  await yieldToEventLoop();
  return await options.database.transaction(async (transaction) => {
    const job = await lockJob(transaction, row.id);
    // Another manager has taken over: its piece begins where this one does, and only one of them counts.
    const isOurs = job?.state === 'CREATING' && job.creator === options.instance;
    if (!isOurs || job.create_cursor !== row.create_cursor) return false;
    const rows = await insert(transaction, row, made);
    const deltas = new Map<ExecutionState, number>();
    for (const { state } of rows) deltas.set(state, (deltas.get(state) ?? 0) + 1);
    await writeCounts(transaction, job, { deltas, more: rows.length });
    const isFull = job.total + rows.length >= MAX_TARGETS;
    if (part.next === null || isFull) return true;
    await transaction.query(SET_CURSOR, [row.id, part.next]);
    return false;
  });
}

async function insert(
  transaction: Queryable,
  { id, pace, value_set: valueSet }: JobRow,
  made: readonly Made[],
): Promise<{ state: ExecutionState }[]> {
  if (made.length === 0) return [];
  return await transaction.query<{ state: ExecutionState }>(INSERT, [
    ...[id, pace.offlineSeconds, valueSet],
    made.map(({ clientid }) => clientid),
    made.map(({ ordinal }) => ordinal),
    made.map(({ state }) => state),
    made.map(({ waitingFor }) => waitingFor),
    made.map(({ reason }) => reason?.text ?? null),
    made.map(({ reason }) => causeText(reason)),
    made.map(({ site }) => site),
    made.map(({ model }) => model),
    made.map(({ version }) => version),
    pace.jitterSeconds,
  ]);
}

async function makeAll(options: CreationOptions, row: JobRow, part: Part): Promise<Made[]> {
  const values = await valuesOf(options.database, row, part.devices);
  const unknown = part.unknown.map((clientid) => ({
    ...{ clientid, ordinal: options.planner.orderOf(row.hash, clientid), state: 'REJECTED' as const },
    ...{
      waitingFor: null,
      reason: jobReason('job-gateway-unregistered'),
      site: '',
      model: null,
      version: null,
    },
  }));
  const made: Made[] = [];
  for (const device of part.devices) {
    // A large request that is filled takes some ms for each.
    await yieldToEventLoop();
    made.push(make(options, row, device, values));
  }
  return [...made, ...unknown];
}

async function valuesOf(
  database: Queryable,
  { value_set: valueSet }: JobRow,
  devices: readonly Device[],
): Promise<Map<string, Record<string, unknown>>> {
  if (valueSet === null) return new Map();
  const ids = devices.map(({ clientid }) => clientid);
  const rows = await database.query<{ clientid: string; given: Record<string, unknown> }>(VALUES, [
    valueSet,
    ids,
  ]);
  return new Map(rows.map(({ clientid, given }) => [clientid, given]));
}

function make(
  { planner, knowsPresence }: CreationOptions,
  row: JobRow,
  device: Device,
  values: ReadonlyMap<string, Record<string, unknown>>,
): Made {
  const { clientid, site, modelName: model, firmwareVersion: version } = device;
  const base = { clientid, ordinal: planner.orderOf(row.hash, clientid), site, model, version };
  const why = device.enabled
    ? planner.whyNot(device, row.steps, values.get(clientid) ?? {}, row)
    : jobReason('job-gateway-disabled');
  if (why !== null) return { ...base, state: 'REJECTED', waitingFor: null, reason: why };
  if (!knowsPresence() || device.status === 'online') {
    return { ...base, state: 'QUEUED', waitingFor: 'rate', reason: null };
  }
  const since = device.since === null ? null : new Date(device.since);
  return { ...base, state: 'QUEUED', waitingFor: 'offline', reason: offlineReason(since) };
}

/** All executions are recorded. */
async function finish(options: CreationOptions, id: string): Promise<JobRow | null> {
  const { database, planner, instance } = options;
  const [row] = await database.query<JobRow>(
    `select ${JOB_COLUMNS} from tpe_job job where job.id = $1::bigint`,
    [id],
  );
  if (row === undefined || row.state !== 'CREATING' || row.creator !== instance) return null;
  const expected = row.preview_hash;
  const isOther =
    expected !== null && expected !== (await planner.previewHash(row.hash, allOf(database, id)));
  return await database.transaction(async (transaction) => {
    const job = await lockJob(transaction, id);
    if (job?.state !== 'CREATING' || job.creator !== instance) return null;
    const reason = isOther ? jobReason('job-targets-changed') : null;
    const why: PauseReason | null = isOther ? 'targets-changed' : null;
    const state = isOther ? 'PAUSED' : 'RUNNING';
    await transaction.query(FINISH, [id, state, why, reason?.text ?? null, causeText(reason)]);
    // A job of which nothing is open has ended.
    return await writeCounts(transaction, (await lockJob(transaction, id))!, { deltas: new Map() });
  });
}

const ALL_PIECES = { first: 200, least: 50, most: 1000 };

/** The gateways of a job, whatever became of them, by client id. */
async function* allOf(database: Queryable, id: string): AsyncGenerator<string> {
  const pieces = createPieceSize(ALL_PIECES);
  for (let after = ''; ; ) {
    const limit = pieces.now();
    const from = after;
    const rows = await pieces.timed(limit, () =>
      database.query<{ clientid: string }>(ALL, [id, from, limit]),
    );
    for (const { clientid } of rows) yield clientid;
    if (rows.length < limit) return;
    after = rows.at(-1)!.clientid;
  }
}

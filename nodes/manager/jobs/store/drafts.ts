import type { Database, Queryable } from '../../database/database.js';
import { createPieceSize } from '../../shared/piece-size.js';
import { TpeError } from '../../shared/tpe-error.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { JobAct } from '../job.js';
import { jobReason } from '../job-reasons.js';
import type { PlannedJob } from '../planner.js';
import { JOB_COLUMNS, type JobRow } from './job-row.js';
import { readDefinition, withoutIds } from './job-targets.js';

/** The most jobs that are drafts or open. */
export const MOST_OPEN = 200;

const VALUE_PIECES = { first: 500, least: 50, most: 2000 };

/** The first key of the advisory locks of idempotency keys. */
const KEY_LOCK = 7_430_041;

const COUNT_OPEN =
  "select count(*)::integer as count from tpe_job where state not in ('COMPLETED', 'CANCELED')";

const OF_KEY = `
  select ${JOB_COLUMNS} from tpe_job_key known join tpe_job job on job.id = known.job
  where known.key = $1 and known.at > now() - interval '1 day'`;

/** Who has the same key at once waits for the other, and then finds its draft. */
const LOCK_KEY = `select pg_advisory_xact_lock(${KEY_LOCK}, hashtext($1))`;

const KEEP_KEY = `
  insert into tpe_job_key (key, job) values ($1, $2::bigint)
  on conflict (key) do update set job = excluded.job, at = now()`;

const INSERT = `
  insert into tpe_job as job (name, note, definition, targets, steps, pace, hash, value_set, risk, classes, requested_by)
  values ($1, $2, $3::jsonb, $4::jsonb, $5::jsonb, $6::jsonb, $7, $8, $9, $10::text[], $11)
  returning ${JOB_COLUMNS}`;

const REPLACE = `
  update tpe_job job set name = $2, note = $3, definition = $4::jsonb, targets = $5::jsonb, steps = $6::jsonb, pace = $7::jsonb,
    hash = $8, value_set = $9, risk = $10, classes = $11::text[], version = job.version + 1, updated_at = now()
  where job.id = $1::bigint and job.state = 'DRAFT' and job.version = $12
  returning ${JOB_COLUMNS}`;

const INSERT_VALUES = `
  insert into tpe_job_value (value_set, clientid, given)
  select $1::bigint, given.clientid, given.value::jsonb from unnest($2::text[], $3::text[]) as given (clientid, value)
  on conflict do nothing`;

const VALUES_PIECE = `
  select clientid, given from tpe_job_value where value_set = $1::bigint and clientid > $2 order by clientid limit $3`;

const FORGET_VALUES = `
  delete from tpe_job_value where (value_set, clientid) in (
    select value.value_set, value.clientid from tpe_job_value value
    where value.at < now() - interval '1 hour' and not exists (
      select from tpe_job job where job.value_set = value.value_set)
    limit $1)
  returning 1`;

async function columnsOf(planned: PlannedJob, valueSet: number | null): Promise<unknown[]> {
  const { definition, steps, pace, hash, rating, targets } = planned;
  const json: string[] = [];
  for (const value of [withoutIds(definition), targets, steps, pace]) {
    await yieldToEventLoop();
    json.push(JSON.stringify(value));
  }
  return [definition.name, definition.note ?? '', ...json, hash, valueSet, rating.risk, rating.classes];
}

/** Records a draft; the one of the same key within a day, if there is one. Rejects with BUSY. */
export async function insertDraft(
  database: Database,
  planned: PlannedJob,
  { by, idempotencyKey }: JobAct & { idempotencyKey?: string },
): Promise<JobRow> {
  const key = idempotencyKey ?? null;
  const known = key === null ? null : await draftOf(database, key);
  if (known !== null) return known;
  const columns = await columnsOf(planned, await keepValues(database, planned.values));
  return await database.transaction(async (transaction) => {
    if (key !== null) await transaction.query(LOCK_KEY, [key]);
    const meanwhile = key === null ? null : await draftOf(transaction, key);
    if (meanwhile !== null) return meanwhile;
    const [open] = await transaction.query<{ count: number }>(COUNT_OPEN);
    if (open!.count >= MOST_OPEN)
      throw new TpeError('BUSY', jobReason('job-too-many-open', { most: MOST_OPEN }));
    const [row] = await transaction.query<JobRow>(INSERT, [...columns, by]);
    if (key !== null) await transaction.query(KEEP_KEY, [key, row!.id]);
    return row!;
  });
}

async function draftOf(database: Queryable, key: string): Promise<JobRow | null> {
  return (await database.query<JobRow>(OF_KEY, [key]))[0] ?? null;
}

/** Puts another definition into a draft of this version; null if it has changed meanwhile. */
export async function replaceDraft(
  database: Database,
  id: string,
  version: number,
  planned: PlannedJob,
): Promise<JobRow | null> {
  const columns = await columnsOf(planned, await keepValues(database, planned.values));
  const rows = await database.query<JobRow>(REPLACE, [id, ...columns, version]);
  return rows[0] ?? null;
}

/** Writes values before the job that refers to them, in pieces. What a killed process left behind is forgotten later. */
async function keepValues(database: Database, values: PlannedJob['values']): Promise<number | null> {
  if (values === null || values.size === 0) return null;
  const [set] = await database.query<{ id: number }>("select nextval('tpe_job_value_set') as id");
  const all = [...values];
  const pieces = createPieceSize(VALUE_PIECES);
  for (let begin = 0; begin < all.length; ) {
    const piece = all.slice(begin, begin + pieces.now());
    begin += piece.length;
    const texts = piece.map(([, value]) => JSON.stringify(value));
    const parameters = [set!.id, piece.map(([clientid]) => clientid), texts];
    await pieces.timed(piece.length, () => database.query(INSERT_VALUES, parameters));
  }
  return set!.id;
}

/** The definition of a draft as it was given, with the values of single gateways. */
export async function givenOf(database: Database, row: JobRow): Promise<Record<string, unknown>> {
  const perTarget = await readValues(database, row.value_set);
  return { ...(await readDefinition(database, row)), ...(perTarget !== undefined && { perTarget }) };
}

/** Reads the values of a draft, as a definition has them. */
export async function readValues(
  database: Database,
  valueSet: number | null,
): Promise<Record<string, unknown>[] | undefined> {
  if (valueSet === null) return undefined;
  const all: Record<string, unknown>[] = [];
  const pieces = createPieceSize(VALUE_PIECES);
  for (let after = ''; ; ) {
    const limit = pieces.now();
    const rows = await pieces.timed(limit, () =>
      database.query<{ clientid: string; given: Record<string, unknown> }>(VALUES_PIECE, [
        valueSet,
        after,
        limit,
      ]),
    );
    all.push(...rows.map(({ clientid, given }) => ({ ...given, clientid })));
    if (rows.length < limit) return all;
    after = rows.at(-1)!.clientid;
  }
}

/** Forgets values that no job refers to, so many at most; resolves with how many. */
export async function forgetValues(database: Queryable, limit: number): Promise<number> {
  return (await database.query(FORGET_VALUES, [limit])).length;
}

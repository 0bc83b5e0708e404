import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TpeError } from '../tpe-error.js';
import type { Database, Queryable, Row } from './database.js';
import { giveIdentities } from './migrations/015_account_identity.js';
import { isUnavailable } from './unavailable.js';

/** One number for all instances on a database: whoever holds it migrates, the others wait. */
const LOCK = 8_736_323_301;
/** Ids may be handed out between our look at the sequence and our step: the step is wider than that could be. */
const SEQUENCE_STEP = 100_000;

/** What runs behind the script of a migration, by its name; resolves with what the administrator must know. */
const STEPS: Readonly<Record<string, (transaction: Queryable) => Promise<string[]>>> = {
  '015_account_identity': giveIdentities,
};

interface Migration {
  number: number;
  name: string;
  script: string;
}
interface Applied extends Row {
  number: number;
  name: string;
}

/**
 * Brings the schema up to date: each migration that is missing runs in a transaction of its own together with its
 * record, and several instances may start at once. Then request ids are moved on to the present, so that none comes
 * twice even in a database that was made anew or came from a backup.
 * Rejects with UNAVAILABLE when the database cannot be reached, CONFLICT when the database is newer than this pack,
 * lacks pg_trgm, or refuses a migration; what was done before stays done.
 */
export async function migrate(database: Database, log: { info(text: string): void }): Promise<void> {
  try {
    const migrations = readMigrations();
    await locked(database, prepare);
    for (const migration of migrations) {
      const notes = await locked(database, (transaction) => apply(transaction, migration, migrations));
      if (notes === null) continue;
      log.info(`The database has been migrated: ${migration.name}.`);
      for (const note of notes) log.info(note);
    }
    await locked(database, moveRequestIds);
  } catch (error) {
    if (isUnavailable(error) && !(error instanceof TpeError)) {
      throw new TpeError('UNAVAILABLE', `The database cannot be reached: ${messageOf(error)}`, {}, error);
    }
    throw error;
  }
}

function readMigrations(): Migration[] {
  const folder = join(__dirname, 'migrations');
  const files = readdirSync(folder).filter((file) => /^\d{3}_\w+\.sql$/.test(file));
  return files.toSorted().map((file) => ({
    number: Number(file.slice(0, 3)),
    name: file.slice(0, -'.sql'.length),
    script: readFileSync(join(folder, file), 'utf8'),
  }));
}

/** Waits for its turn for as long as another instance needs. */
async function locked<T>(database: Database, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  return await database.transaction(async (transaction) => {
    await transaction.execute(`select pg_advisory_xact_lock(${LOCK})`);
    return await work(transaction);
  });
}

async function prepare(transaction: Queryable): Promise<void> {
  await transaction.execute(`
    create table if not exists tpe_migration (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`);
  await createTrigramExtension(transaction);
}

async function createTrigramExtension(transaction: Queryable): Promise<void> {
  const found = await transaction.query("select from pg_extension where extname = 'pg_trgm'");
  if (found.length > 0) return;
  try {
    await transaction.execute('create extension pg_trgm');
  } catch (error) {
    if (isUnavailable(error)) throw error;
    const text = `The database needs the extension pg_trgm and does not let us create it (${messageOf(error)}). Run "CREATE EXTENSION pg_trgm;" in this database as a superuser, once; where PostgreSQL does not know it, install its package "postgresql-contrib" before.`;
    throw new TpeError('CONFLICT', text, {}, error);
  }
}

/** Null when it was there already, else what the administrator must know. */
async function apply(
  transaction: Queryable,
  migration: Migration,
  known: readonly Migration[],
): Promise<string[] | null> {
  const applied = await transaction.query<Applied>('select number, name from tpe_migration order by number');
  refuseForeign(applied, known);
  if (applied.some((row) => row.number === migration.number)) return null;
  let notes: string[] | undefined;
  try {
    await transaction.execute(migration.script);
    notes = await STEPS[migration.name]?.(transaction);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    throw refused(migration, error);
  }
  const { number, name } = migration;
  await transaction.query('insert into tpe_migration (number, name) values ($1, $2)', [number, name]);
  return notes ?? [];
}

function refuseForeign(applied: readonly Applied[], known: readonly Migration[]): void {
  const names = new Set(known.map((migration) => migration.name));
  const foreign = applied.find((row) => !names.has(row.name));
  if (foreign === undefined) return;
  const newest = known.at(-1)?.name;
  const text = `The database is newer than this version of the pack: it has had the migration ${foreign.name}, and the newest one known here is ${newest}. Update the pack, or use another database.`;
  throw new TpeError('CONFLICT', text, { migration: foreign.name });
}

function refused(migration: Migration, error: unknown): TpeError {
  const { detail, hint } = error as { detail?: string; hint?: string };
  const facts = [messageOf(error), detail, hint].filter((part) => part !== undefined).join('; ');
  const text = `The database refused the migration ${migration.name}, and nothing of it was kept: ${facts}. Put that right and start again.`;
  return new TpeError('CONFLICT', text, { migration: migration.name }, error);
}

/** The clock is the database's: one for all instances. */
async function moveRequestIds(transaction: Queryable): Promise<void> {
  await transaction.query(
    `with present as (select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms)
     select setval('tpe_request_id', ms + $1::bigint) from present, tpe_request_id where last_value < ms`,
    [SEQUENCE_STEP],
  );
}

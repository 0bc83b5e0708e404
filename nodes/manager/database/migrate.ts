import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import type { Database, Queryable, Row } from './database.js';
import { withLockPatience } from './lock-patience.js';
import { migrationRefused } from './migration-refused.js';
import { giveIdentities } from './migrations/015_account_identity.js';
import { dropMovedColumns } from './migrations/036_presence_rows.js';
import { adopt, catchUpIds } from './obstacles/adopt.js';
import { type Obstacle, translateReason } from './obstacles/obstacle.js';
import { survey } from './obstacles/survey.js';
import { identifier } from './postgresql/refused-connection.js';
import { SCHEMA_SETTING } from './session-settings.js';
import { isLockFault } from './sqlstate.js';
import { isUnavailable, unavailableInWords } from './unavailable.js';

/** Key of the advisory lock, the same for all instances on a database: the instance that holds it migrates, the others wait. */
const LOCK = 8_736_323_301;
const OTHERS = { pauseMs: 300, toldMs: 10_000, longestMs: 120_000 };
/** An instance may take request ids between our reading of the sequence and our step, so the step is wider than that. */
const SEQUENCE_STEP = 100_000;

/** Steps that run after the script of a migration, by its name. They resolve with what the administrator must know. */
const STEPS: Readonly<Record<string, (transaction: Queryable) => Promise<string[]>>> = {
  '015_account_identity': giveIdentities,
  '036_presence_rows': dropMovedColumns,
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

/** Log of the migration. `warn` gets what works but should not be as it is. */
export interface MigrationLog {
  info(text: string): void;
  warn?(text: string): void;
}

/** Result of one attempt: what was done, and what should not be as it is. */
interface Turn {
  notes: string[];
  warnings: string[];
}

/**
 * Brings the schema up to date. All missing migrations run in one transaction, so that a database is adopted as a whole or left as it is;
 * several instances may start at once. Then request ids are moved on to the present, so that none is used twice even in a new database or
 * one from a backup.
 *
 * Rejects with UNAVAILABLE when the database cannot be reached or others hold its tables, and with CONFLICT when the database is newer than
 * this pack, when an obstacle is in the way (with what to run), or when the database refuses a migration. Nothing is changed then.
 */
export async function migrate(database: Database, log: MigrationLog): Promise<void> {
  try {
    const migrations = readMigrations();
    const { notes, warnings } = await inTurn(database, log, (transaction) =>
      bringUpToDate(transaction, migrations, database.kind),
    );
    for (const note of notes) log.info(note);
    for (const warning of warnings) log.warn?.(warning);
  } catch (error) {
    throw unavailableInWords(error);
  }
}

/**
 * Resolves with what would keep `migrate` from its work, in words. Changes nothing and ends nobody's session. Rejects as `migrate` does.
 */
export async function migrationObstacles(database: Database): Promise<string[]> {
  return await withLockPatience(database, null, async (transaction) => {
    const { pending, isNew } = await pendingOf(transaction, readMigrations());
    const { obstacles } = await survey(transaction, pending, database.kind);
    return obstacles.filter((one) => blocks(one, pending, isNew)).map(translateReason);
  });
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

/** Waits until no other instance migrates, then runs `work`. */
async function inTurn(
  database: Database,
  log: MigrationLog,
  work: (transaction: Queryable) => Promise<Turn>,
): Promise<Turn> {
  const began = performance.now();
  let told = false;
  for (;;) {
    const turn = await withLockPatience(database, log, async (transaction) => {
      const [row] = await transaction.query<{ ours: boolean }>(
        'select pg_try_advisory_xact_lock($1::bigint) as ours',
        [LOCK],
      );
      return row!.ours ? await work(transaction) : null;
    });
    if (turn !== null) return turn;
    const waited = performance.now() - began;
    if (waited > OTHERS.longestMs) throw new TpeError('UNAVAILABLE', await othersInWords(database));
    if (waited > OTHERS.toldMs && !told) {
      told = true;
      log.info(await othersInWords(database));
    }
    await delay(OTHERS.pauseMs);
  }
}

async function othersInWords(database: Database): Promise<string> {
  const rows = await database.query<{ pid: number; address: string | null }>(
    `select pid, host(client_addr) as address from pg_locks left join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and pg_locks.database = (select oid from pg_database where datname = current_database())
       and ((classid::bigint << 32) | objid::bigint) = $1::bigint`,
    [LOCK],
  );
  const who = rows.map(({ pid, address }) => `process ${pid}${address === null ? '' : ` from ${address}`}`);
  return `Another instance migrates the database (${who.join(', ') || 'just done'}); this one waits for it.`;
}

async function bringUpToDate(
  transaction: Queryable,
  migrations: readonly Migration[],
  kind: Database['kind'],
): Promise<Turn> {
  const { pending, isNew } = await pendingOf(transaction, migrations);
  const findings = await survey(transaction, pending, kind);
  refuseObstacles(findings.obstacles.filter((one) => blocks(one, pending, isNew)));
  const notes = await refusing('of what is there', () => catchUpIds(transaction, findings));
  if (pending.length > 0) {
    await refusing('in its beginning', () => prepare(transaction, findings));
    if (isNew) notes.push(...(await refusing("of TPEDM's tables", () => adopt(transaction, findings))));
    for (const migration of pending) notes.push(...(await apply(transaction, migration)));
  }
  await moveRequestIds(transaction);
  const others = findings.obstacles.filter((one) => !blocks(one, pending, isNew));
  return { notes, warnings: [...findings.warnings, ...others.map(translateReason)] };
}

interface Pending {
  pending: Migration[];
  /** No migration has run in this database yet. */
  isNew: boolean;
}

async function pendingOf(transaction: Queryable, migrations: readonly Migration[]): Promise<Pending> {
  const applied = await readApplied(transaction);
  refuseForeign(applied, migrations);
  const names = new Set(applied.map(({ name }) => name));
  return { pending: migrations.filter(({ name }) => !names.has(name)), isNew: applied.length === 0 };
}

function blocks(obstacle: Obstacle, pending: readonly Migration[], isNew: boolean): boolean {
  return pending.length > 0 && (isNew || obstacle.blocks !== 'adoption');
}

/** The migrations that have run; none where their table does not exist yet. Another table of that name is an obstacle. */
async function readApplied(transaction: Queryable): Promise<Applied[]> {
  const [found] = await transaction.query<{ columns: string[] | null }>(
    `select array_agg(attname::text) as columns from pg_attribute
     where attrelid = to_regclass(format('%I.tpe_migration', current_setting('${SCHEMA_SETTING}')))
       and attnum > 0 and not attisdropped`,
  );
  const columns = found?.columns ?? [];
  if (columns.length === 0) return [];
  if (!['number', 'name', 'applied_at'].every((column) => columns.includes(column))) {
    refuseObstacles([
      {
        what: "The table tpe_migration is not the manager's, which needs that name",
        remedy: 'ALTER TABLE tpe_migration RENAME TO tpe_migration_of_ours;',
      },
    ]);
  }
  return await transaction.query<Applied>('select number, name from tpe_migration order by number');
}

/** Longest text of all obstacles, characters; those that do not fit go into the details of the error. */
const MAX_TEXT_LENGTH = 900;
/** How long a caller should wait before the next attempt, ms: a person is about to run what the text says. */
const RETRY_MS = 10_000;

function refuseObstacles(obstacles: readonly Obstacle[]): void {
  if (obstacles.length === 0) return;
  const all = obstacles.map((obstacle, place) => `(${place + 1}) ${translateReason(obstacle)}`);
  let length = 0;
  const told = all.filter((text, place) => {
    length += text.length;
    return place === 0 || length < MAX_TEXT_LENGTH;
  });
  const more = all.slice(told.length);
  const rest = more.length > 0 ? ` And ${more.length} more, which stand in the log.` : '';
  const text = `The database cannot be used as it is, and nothing in it was changed: ${told.join(' ')}${rest} When that is done it goes on by itself.`;
  throw new TpeError('CONFLICT', text, { more, retryMs: RETRY_MS });
}

async function prepare(transaction: Queryable, { role }: { role: string }): Promise<void> {
  await transaction.execute(`
    create table if not exists tpe_migration (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`);
  await createTrigramExtension(transaction, role);
}

async function createTrigramExtension(transaction: Queryable, role: string): Promise<void> {
  const found = await transaction.query("select from pg_extension where extname = 'pg_trgm'");
  if (found.length > 0) return;
  try {
    await transaction.execute('create extension pg_trgm');
  } catch (error) {
    if (isUnavailable(error)) throw error;
    const text = `The database needs the extension pg_trgm and does not let ${identifier(role)} create it (${messageOf(error)}). Run "CREATE EXTENSION pg_trgm;" in this database as a superuser, once; where PostgreSQL does not know it, install its package "postgresql-contrib" before.`;
    throw new TpeError('CONFLICT', text, {}, error);
  }
}

/** Runs a part of the migration, and turns an error of the database into one in words. */
async function refusing<T>(part: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TpeError || isUnavailable(error) || isLockFault(error)) throw error;
    throw migrationRefused(part, error);
  }
}

/** Runs one migration and records it. Resolves with what the administrator must know. */
async function apply(transaction: Queryable, { number, name, script }: Migration): Promise<string[]> {
  const notes = await refusing(name, async () => {
    await transaction.execute(script);
    const told = await STEPS[name]?.(transaction);
    // A deferred constraint or trigger would keep the next migration from changing its table.
    await transaction.execute('set constraints all immediate');
    return told;
  });
  await transaction.query('insert into tpe_migration (number, name) values ($1, $2)', [number, name]);
  return [`The database has been migrated: ${name}.`, ...(notes ?? [])];
}

function refuseForeign(applied: readonly Applied[], known: readonly Migration[]): void {
  const names = new Set(known.map((migration) => migration.name));
  const foreign = applied.find((row) => !names.has(row.name));
  if (foreign === undefined) return;
  const newest = known.at(-1)?.name;
  const text = `The database is newer than this version of the pack: it has had the migration ${foreign.name}, and the newest one known here is ${newest}. Update the pack, or use another database.`;
  throw new TpeError('CONFLICT', text, { migration: foreign.name });
}

/** Uses the clock of the database, which is the same for all instances. */
async function moveRequestIds(transaction: Queryable): Promise<void> {
  await transaction.query(
    `with present as (select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms)
     select setval('tpe_request_id', ms + $1::bigint) from present, tpe_request_id where last_value < ms`,
    [SEQUENCE_STEP],
  );
}

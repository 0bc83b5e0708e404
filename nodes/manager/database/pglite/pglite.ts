import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Results } from '@electric-sql/pglite';
import { storedJson } from '../../shared/exact-json.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Database, Queryable, Row } from '../database.js';
import { sessionSetup } from '../session-settings.js';
import { hasFirstDatabase, unpackFirstDatabase } from './first-database.js';
import { lockFolder } from './folder-lock.js';
import { createSpaceGuard } from './free-space.js';
import { createKeptStatements } from './kept-statements.js';
import { privateFiles } from './pglite-files.js';
import { createUpkeep } from './pglite-upkeep.js';
import { createStatementQueue } from './statement-queue.js';

type Pglite = Awaited<ReturnType<typeof start>>;
/** The part that PGlite and its open transactions have in common. */
interface Source {
  query<R>(sql: string, parameters?: unknown[]): Promise<Results<R>>;
  exec(script: string): Promise<unknown>;
}

const INT8 = 20;
const JSON_TYPES = [114, 3802];
/** Settings of the server that suit one process and a small fleet. They hold for folders that are there as for new ones. */
const SERVER_SETTINGS = {
  // Finished log is deleted instead of kept for reuse; this much is enough for a small fleet.
  max_wal_size: '64MB',
  min_wal_size: '32MB',
  // The operating system keeps the pages of files anyway; PostgreSQL's own cache of 128 MB would mostly hold them a second time.
  shared_buffers: '16MB',
  wal_buffers: '1MB',
  // Statistics are read from 3,000 rows of a table in place of 30,000, since nothing else runs meanwhile.
  default_statistics_target: '10',
};

/**
 * Opens PostgreSQL in this process, in a folder that is created if it is missing. The data survives any end of the process. A power cut can
 * lose the last half minute or damage the folder, because nothing here waits for the disk (PGlite runs without fsync, and its file system
 * ignores it): only a PostgreSQL server does. Rejects with INVALID_INPUT when the folder cannot be written, CONFLICT when it is in use or
 * damaged, and UNAVAILABLE while the disk is full, as every statement that writes does.
 */
export async function openPglite(folder: string): Promise<Database> {
  const path = resolve(folder);
  makeFolder(path);
  const guard = createSpaceGuard(path);
  guard('open');
  const unlock = await lockFolder(path);
  try {
    return databaseOf(await openData(path), guard, unlock);
  } catch (error) {
    unlock();
    const text = `The embedded database in ${path} cannot be opened: ${messageOf(error)}. Put a backup of the folder back, or move it away to begin with an empty one.`;
    throw new TpeError('CONFLICT', text, { folder: path }, error);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const probe = join(path, '.writable');
    mkdirSync(probe, { recursive: true });
    rmSync(probe, { recursive: true });
  } catch (error) {
    const text = `The folder ${path} for the embedded database cannot be written: ${messageOf(error)}. Give its owner the right to write, or choose another folder.`;
    throw new TpeError('INVALID_INPUT', text, { folder: path }, error);
  }
}

/** A new database gets its name when it is complete, so that a kill in its first seconds leaves no incomplete one. */
async function openData(folder: string): Promise<Pglite> {
  const data = join(folder, 'pgdata');
  if (!existsSync(data)) {
    const unfinished = join(folder, 'pgdata.new');
    rmSync(unfinished, { recursive: true, force: true });
    await makeFirst(unfinished);
    renameSync(unfinished, data);
  }
  return await start(data);
}

/** PGlite would make the database by itself, but in seconds, and with 800 MB of memory that this process would not give back. */
async function makeFirst(folder: string): Promise<void> {
  if (hasFirstDatabase()) await unpackFirstDatabase(folder);
  else await (await start(folder)).close();
}

/** Loads PGlite when it is needed, so that an installation with a PostgreSQL server never loads the WebAssembly. */
async function start(dataDir: string) {
  compileOneByOne();
  const [{ PGlite }, { pg_trgm }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/contrib/pg_trgm'),
  ]);
  const pglite = await PGlite.create({
    fs: await privateFiles(dataDir),
    extensions: { pg_trgm },
    parsers: {
      [INT8]: Number,
      ...Object.fromEntries(JSON_TYPES.map((oid) => [oid, storedJson])),
    },
    startParams: [
      ...PGlite.defaultStartParams,
      ...Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
  });
  await pglite.exec(sessionSetup());
  return pglite;
}

/** Each thread that compiles WebAssembly keeps some 20 MB for good, while a start with one thread takes hardly longer. */
function compileOneByOne(): void {
  setFlagsFromString('--wasm-num-compilation-tasks=1');
}

/** Makes a Database of a PGlite. Statements and whole transactions wait for its one connection, and batches go before others. */
function databaseOf(pglite: Pglite, guard: (sql: string) => void, unlock: () => void): Database {
  let closing: Promise<void> | null = null;
  const queue = createStatementQueue();
  const inner = queryableOf(pglite, guard);
  const kept = createKeptStatements(pglite);
  // Upkeep makes room on the disk, so the check of free space must not stop it.
  const unguarded = queryableOf(pglite, () => undefined);
  const upkeep = createUpkeep((sql) => queue.run(false, () => unguarded.query(sql)));

  async function run<T>(work: () => Promise<T>, isUrgent = false): Promise<T> {
    if (closing !== null) throw new TpeError('CLOSED', 'The database is closed.');
    try {
      return await queue.run(isUrgent, work);
    } finally {
      upkeep();
    }
  }

  /** Runs a statement of so many items before others that wait, by a plan that is kept where that is good. */
  function runFirst<R extends Row>(items: number, sql: string, parameters: readonly unknown[]): Promise<R[]> {
    return run(async () => {
      guard(sql);
      const rows = kept.run<R>(items, sql, parameters)?.catch((error: unknown) => {
        throw withoutParameters(error);
      });
      return await (rows ?? inner.query<R>(sql, parameters));
    }, true);
  }

  return {
    kind: 'pglite',
    listen: null,
    query: (sql, parameters) => run(() => inner.query(sql, parameters)),
    queryKept: (sql, parameters) => runFirst(1, sql, parameters),
    queryBatch: runFirst,
    execute: (script) => run(() => inner.execute(script)),
    transaction: (work) =>
      run(() => pglite.transaction((transaction) => work(yielding(queryableOf(transaction, guard))))),
    close() {
      closing ??= queue.runLast(() => pglite.close()).finally(unlock);
      return closing;
    },
  };
}

function queryableOf(source: Source, guard: (sql: string) => void): Queryable {
  return {
    async query<R extends Row>(sql: string, parameters: readonly unknown[] = []) {
      guard(sql);
      try {
        return (await source.query<R>(sql, [...parameters])).rows;
      } catch (error) {
        throw withoutParameters(error);
      }
    },
    async execute(script) {
      guard(script);
      await source.exec(script);
    },
  };
}

/** Leaves sockets and timers their turn between the statements of one transaction, as the queue does between those of others. */
function yielding({ query, execute }: Queryable): Queryable {
  return {
    async query<R extends Row>(sql: string, parameters?: readonly unknown[]) {
      const rows = await query<R>(sql, parameters);
      await yieldToEventLoop();
      return rows;
    },
    execute,
  };
}

/** PGlite adds the parameters and the statement to its errors, and these may contain what nobody should find in a log. */
function withoutParameters(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  if ('params' in error) delete error.params;
  if ('query' in error) delete error.query;
  return error;
}

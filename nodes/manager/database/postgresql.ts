import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { DatabaseOptions } from '../device-manager.js';
import { messageOf, TpeError } from '../tpe-error.js';
import type { Database, Queryable, Row } from './database.js';
import { listenOnPostgresql } from './postgresql-listen.js';

type PostgresqlOptions = Extract<DatabaseOptions, { kind: 'postgresql' }>;

const DEFAULT_POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5000;
/** The server ends a statement that takes longer. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** We stop waiting for a server that has vanished without closing the connection. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5000;
/** An idle connection that says nothing for so long is asked whether it lives. */
const KEEPALIVE_MS = 10_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;
/** As long as a timer can be. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

const INT8 = 20;
const INT8_ARRAY = 1016;

/**
 * A pool of connections to a PostgreSQL server; connects with the first statement, and again after each loss.
 * TLS is what `sslmode` in the URL means to libpq; a `caFile` makes it `verify-full` unless the URL says otherwise.
 * Throws INVALID_INPUT for a URL or a certificate file that cannot be used.
 */
export function openPostgresql(options: PostgresqlOptions): Database {
  const connection = {
    connectionString: connectionString(options),
    application_name: 'tpedm',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
  };
  let pool = openPool();
  let closing: Promise<void> | null = null;

  function openPool(): pg.Pool {
    const opened = new pg.Pool({
      ...connection,
      max: options.poolSize ?? DEFAULT_POOL_SIZE,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
      types: { getTypeParser },
    });
    // A connection that dies while idle leaves the pool by itself; whoever asks next gets a new one.
    opened.on('error', () => undefined);
    return opened;
  }

  /** Where one connection was dead without a word, the idle ones beside it are too: each would be waited for. */
  function leaveBehind(dead: pg.Pool): void {
    if (pool !== dead || closing !== null) return;
    pool = openPool();
    dead.end().catch(() => undefined);
  }

  async function connect(): Promise<pg.PoolClient> {
    if (closing !== null) throw new TpeError('CLOSED', 'The database is closed.');
    return pool.connect();
  }

  async function borrow<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const from = pool;
    const client = await connect();
    let lost: Error | undefined;
    const onLost = (error: Error) => {
      lost = error;
    };
    // Without a listener the loss of a borrowed connection would end the process.
    client.on('error', onLost);
    try {
      return await work(client);
    } catch (error) {
      if (!isAnswer(error)) lost ??= error as Error;
      if (/^Query read timeout/.test(messageOf(error))) leaveBehind(from);
      throw error;
    } finally {
      client.off('error', onLost);
      client.release(lost);
    }
  }

  return {
    kind: 'postgresql',
    listen: (channel, listener) => listenOnPostgresql(connection, channel, listener),
    query: (sql, parameters) => borrow((client) => queryableOf(client).query(sql, parameters)),
    execute: (script) => borrow((client) => queryableOf(client).execute(script)),
    transaction: (work) => borrow((client) => inTransaction(client, work)),
    close() {
      closing ??= pool.end();
      return closing;
    },
  };
}

function queryableOf(client: pg.PoolClient): Queryable {
  return {
    async query<R extends Row>(sql: string, parameters: readonly unknown[] = []) {
      const result = await client.query<R>({ text: sql, values: [...parameters] });
      return result.rows;
    },
    async execute(script) {
      const unhurried: pg.QueryConfig & { query_timeout: number } = {
        text: `set statement_timeout = 0; ${script}\n; set statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
        query_timeout: NO_TIMEOUT_MS,
      };
      await client.query(unhurried);
    },
  };
}

async function inTransaction<T>(
  client: pg.PoolClient,
  work: (transaction: Queryable) => Promise<T>,
): Promise<T> {
  await client.query('begin');
  let result: T;
  try {
    result = await work(queryableOf(client));
  } catch (error) {
    // Where even this fails, the connection is gone, and the transaction with it.
    await client.query('rollback');
    throw error;
  }
  const { command } = await client.query('commit');
  if (command === 'ROLLBACK')
    throw new Error('The transaction was rolled back: a statement in it had failed.');
  return result;
}

/** True for an error that the server sent: the connection is still good. */
function isAnswer(error: unknown): boolean {
  return !(error instanceof Error) || error instanceof pg.DatabaseError || error instanceof TpeError;
}

/** On this pool only: other nodes in the same process use pg too, and must not find its types changed. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8) return Number;
  if (oid === INT8_ARRAY) {
    const toTexts: (text: string) => (string | null)[] = pg.types.getTypeParser(INT8_ARRAY as never, 'text');
    return (text) => toTexts(text).map((element) => (element === null ? null : Number(element)));
  }
  return pg.types.getTypeParser(oid as never, format as never);
}

function connectionString(options: PostgresqlOptions): string {
  try {
    const url = new URL(options.url);
    if (!/^postgres(ql)?:$/.test(url.protocol)) throw new Error(`it begins with "${url.protocol}"`);
    if (options.caFile !== undefined) {
      readFileSync(options.caFile);
      url.searchParams.set('sslrootcert', options.caFile);
      if (!url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'verify-full');
    }
    // The modes as PostgreSQL documents them, not as pg understood them before its version 9.
    url.searchParams.set('uselibpqcompat', 'true');
    new pg.Client({ connectionString: url.href });
    return url.href;
  } catch (error) {
    const form = 'postgresql://USER:PASSWORD@HOST:5432/DATABASE, with ?sslmode=verify-full for TLS';
    const text = `The URL of the PostgreSQL database cannot be used: ${messageOf(error)}. Its form is ${form}.`;
    // Without the cause, which carries the URL and so the password.
    throw new TpeError('INVALID_INPUT', text, { field: 'url' });
  }
}

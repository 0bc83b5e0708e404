import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { DatabaseOptions } from '../device-manager.js';
import { storedJson } from '../exact-json.js';
import { messageOf, TpeError } from '../tpe-error.js';
import type { Database, Queryable, Row } from './database.js';
import { FEW, queryByKeptPlan } from './kept-plans.js';
import { listenOnPostgresql } from './postgresql-listen.js';
import { openPostgresqlPool } from './postgresql-pool.js';

type PostgresqlOptions = Extract<DatabaseOptions, { kind: 'postgresql' }>;

const DEFAULT_POOL_SIZE = 10;
/** Each kind of batch runs once at a time. */
const BATCHES_AT_ONCE = 6;
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
const JSON_TYPES = new Set([114, 3802]);
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
  const poolOf = (max: number) => {
    const settings = {
      ...connection,
      max,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
      types: { getTypeParser },
    };
    return openPostgresqlPool(settings, renewAll);
  };
  const { poolSize = DEFAULT_POOL_SIZE } = options;
  const pool = poolOf(poolSize);
  /** Of their own, since how they plan is set for a whole connection. */
  const forBatches = poolOf(Math.min(poolSize, BATCHES_AT_ONCE));

  function renewAll(): void {
    pool.renew();
    forBatches.renew();
  }

  const query: Database['query'] = (sql, parameters) =>
    pool.borrow((client) => queryableOf(client).query(sql, parameters));

  return {
    kind: 'postgresql',
    listen: (channel, listener) => listenOnPostgresql(connection, channel, listener),
    query,
    queryBatch<R extends Row>(items: number, sql: string, parameters: readonly unknown[]) {
      if (items > FEW) return query<R>(sql, parameters);
      return forBatches.borrow((client) => queryByKeptPlan<R>(client, sql, parameters));
    },
    execute: (script) => pool.borrow((client) => queryableOf(client).execute(script)),
    transaction: (work) => pool.borrow((client) => inTransaction(client, work)),
    async close() {
      await Promise.all([pool.close(), forBatches.close()]);
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

/** On these pools only: other nodes in the same process use pg too, and must not find its types changed. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8) return Number;
  if (JSON_TYPES.has(oid)) return storedJson;
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

import pg from 'pg';
import type { DatabaseOptions } from '../../database/options.js';
import { storedJson } from '../../shared/exact-json.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { Database, Queryable, Row } from '../database.js';
import { sessionSetup } from '../session-settings.js';
import { type TellWaiting, watchWaiting } from '../watch-waiting.js';
import { toParameter } from './array-literal.js';
import { readConnectionUrl, takeTurns } from './connection-url.js';
import { refuseSharing } from './pooler.js';
import { PostgresqlClient } from './postgresql-client.js';
import { listenOnPostgresql } from './postgresql-listen.js';
import { openPostgresqlPool } from './postgresql-pool.js';
import { FEW, queryByKeptPlan } from './prepared-statements.js';
import { isOutOfConnections, refusedConnection, type Visitor } from './refused-connection.js';

type PostgresqlOptions = Extract<DatabaseOptions, { kind: 'postgresql' }>;

const DEFAULT_POOL_SIZE = 10;
/** Connections for batches. Each kind of batch runs once at a time. */
const BATCHES_AT_ONCE = 6;
const CONNECT_TIMEOUT_MS = 5000;
/** The server ends a statement after this time. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** How long we wait for an answer, since a server may disappear without closing the connection. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5000;
/** Time after which TCP checks whether the other end of an idle connection is still there. */
const KEEPALIVE_MS = 10_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;
/** The longest time that a timer can have. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
const SESSION_SETUP = `${sessionSetup({
  statement_timeout: `${STATEMENT_TIMEOUT_MS}ms`,
  idle_in_transaction_session_timeout: `${IDLE_TRANSACTION_TIMEOUT_MS}ms`,
})}; select pg_backend_pid() as pid`;

const INT8 = 20;
const JSON_TYPES = new Set([114, 3802]);
const INT8_ARRAY = 1016;

/**
 * Opens a PostgreSQL server with pools that connect with the first statement, and again after each loss. `sslmode` in the URL means what it
 * means to libpq; with a `caFile`, it is `verify-full` unless the URL says otherwise. `tell` is called within 10 s with what keeps a
 * statement waiting. Throws INVALID_INPUT for a URL or a certificate file that cannot be used.
 */
export function openPostgresql(options: PostgresqlOptions, tell: TellWaiting = () => undefined): Database {
  const url = readConnectionUrl(options);
  const hosts = takeTurns(url.hosts);
  const connection = {
    enableChannelBinding: url.enableChannelBinding,
    application_name: 'tpedm',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
  };
  const visitor = visitorOf(url.hosts);
  const pids = new WeakMap<pg.ClientBase, number>();
  const waiting = watchWaiting(lookout, tell);
  /** True once it is known that no pooler shares our connections. */
  let isOurs = false;
  const poolOf = (max: number) => {
    const settings = {
      ...connection,
      max,
      query_timeout: ANSWER_TIMEOUT_MS,
      types: { getTypeParser },
      // Sent as a statement and not as parameters of the connection, because poolers refuse parameters that they do not know.
      onConnect: async (client: pg.ClientBase) => {
        pids.set(client, await setUp(client));
        if (!isOurs) await refuseSharing(client, { ...connection, connectionString: hosts.current() });
        isOurs = true;
        if (hosts.count > 1) await refuseStandby(client);
      },
    };
    return openPostgresqlPool(settings, hosts, {
      onSilence: renewAll,
      refused: (error) => refusedConnection(error, visitor),
      working: (client) => waiting.begin(pids.get(client)!),
    });
  };
  const { poolSize = DEFAULT_POOL_SIZE } = options;
  const pool = poolOf(poolSize);
  /** Batches have a pool of their own, because the way of planning is set for a whole connection. */
  const forBatches = poolOf(Math.min(poolSize, BATCHES_AT_ONCE));

  async function lookout() {
    const client = new PostgresqlClient({
      ...connection,
      connectionString: hosts.current(),
      query_timeout: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    await setUp(client).catch(async (error) => {
      await client.end();
      throw error;
    });
    return { query: queryableOf(client).query, end: () => client.end() };
  }

  function renewAll(): void {
    pool.renew();
    forBatches.renew();
  }

  const query: Database['query'] = (sql, parameters) =>
    pool.borrow((client) => queryableOf(client).query(sql, parameters));

  function queryKept<R extends Row>(sql: string, parameters: readonly unknown[]): Promise<R[]> {
    const kept = forBatches.borrow((client) => queryByKeptPlan<R>(client, sql, parameters));
    // When the server gives too few connections for two pools, the other pool has to do.
    return kept.catch((error) => {
      if (isOutOfConnections(error)) return query<R>(sql, parameters);
      throw error;
    });
  }

  return {
    kind: 'postgresql',
    listen: (channel, listener) => listenOnPostgresql(connection, hosts, channel, listener),
    query,
    queryKept,
    queryBatch: <R extends Row>(items: number, sql: string, parameters: readonly unknown[]) =>
      items > FEW ? query<R>(sql, parameters) : queryKept<R>(sql, parameters),
    execute: (script) => pool.borrow((client) => queryableOf(client).execute(script)),
    transaction: (work) => pool.borrow((client) => inTransaction(client, work)),
    async close() {
      waiting.close();
      await Promise.all([pool.close(), forBatches.close()]);
    },
  };
}

/** Sets up the session, and resolves with the server's own process id, also behind a pooler. */
async function setUp(client: pg.ClientBase): Promise<number> {
  const results = (await client.query(SESSION_SETUP)) as unknown as pg.QueryResult<{ pid: number }>[];
  return results.at(-1)!.rows[0]!.pid;
}

function queryableOf(client: pg.ClientBase): Queryable {
  return {
    async query<R extends Row>(sql: string, parameters: readonly unknown[] = []) {
      const result = await client.query<R>({ text: sql, values: parameters.map(toParameter) });
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
    // If this fails too, the connection is gone, and the transaction with it.
    await client.query('rollback');
    throw error;
  }
  const { command } = await client.query('commit');
  if (command === 'ROLLBACK')
    throw new Error('The transaction was rolled back: a statement in it had failed.');
  return result;
}

function visitorOf(hosts: readonly string[]): Visitor {
  const clients = hosts.map((connectionString) => new pg.Client({ connectionString }));
  const { user, database } = clients[0]!;
  const servers = clients.map(({ host, port }) => (host.startsWith('/') ? host : `${host}:${port}`));
  return { user: user ?? '', database: database ?? '', server: [...new Set(servers)].join(', ') };
}

/** Only one of several servers takes changes, and that may become another one. */
async function refuseStandby(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
  if (!rows[0]!.standby) return;
  throw new TpeError(
    'UNAVAILABLE',
    'None of the PostgreSQL servers in the URL takes changes: all that answer are standbys.',
  );
}

/** Set for these pools only, because other nodes in the process use pg too and must not find its types changed. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8) return Number;
  if (JSON_TYPES.has(oid)) return storedJson;
  if (oid === INT8_ARRAY) {
    const toTexts: (text: string) => (string | null)[] = pg.types.getTypeParser(INT8_ARRAY as never, 'text');
    return (text) => toTexts(text).map((element) => (element === null ? null : Number(element)));
  }
  return pg.types.getTypeParser(oid as never, format as never);
}

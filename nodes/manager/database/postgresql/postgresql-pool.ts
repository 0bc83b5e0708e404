import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { sqlstateOf } from '../sqlstate.js';
import type { Hosts } from './connection-url.js';
import { PostgresqlClient } from './postgresql-client.js';

export interface PostgresqlPool {
  /** Runs `work` with a connection. Rejects as `work` does, with the error of connecting, or with CLOSED. */
  borrow<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Drops the present connections once they are free; the next calls get new ones. */
  renew(): void;
  close(): Promise<void>;
}

export interface PoolListener {
  /** Called when a connection did not answer in time. The idle ones are probably dead too, and each of them would have to time out. */
  onSilence(): void;
  /** Turns the error of connecting into the one that callers get. */
  refused(error: unknown): unknown;
  /**
   * Called when a connection begins work. The returned function is called at the end, and returns what kept the connection waiting, or
   * null.
   */
  working(client: pg.PoolClient): () => string | null;
}

const TOO_MANY_CONNECTIONS = '53300';
/** How long the pool does not grow after the server refused a further connection, ms. */
const MAKE_DO_MS = 60_000;
const SHORT_OF_MS = 200;

/** Opens a pool that connects when it is needed, and again after each loss. It tries the hosts in turn. */
export function openPostgresqlPool(
  settings: pg.PoolConfig,
  hosts: Hosts,
  { onSilence, refused, working }: PoolListener,
): PostgresqlPool {
  let pool = open();
  let closing: Promise<void> | null = null;

  function open(): pg.Pool {
    const opened = new pg.Pool({ ...settings, Client: PostgresqlClient });
    // A connection that dies while idle leaves the pool by itself, and the next caller gets a new one.
    opened.on('error', () => undefined);
    // An error may come in the same packet that admits us, before anybody else listens; without a listener, it would end the process.
    opened.on('connect', (client) => client.on('error', () => undefined));
    return opened;
  }

  async function connect(): Promise<pg.PoolClient> {
    if (closing !== null) throw new TpeError('CLOSED', 'The database is closed.');
    const asked = pool;
    const until = Date.now() + (settings.connectionTimeoutMillis ?? 0);
    for (let tried = 1; ; ) {
      const host = hosts.current();
      asked.options.connectionString = host;
      try {
        return await asked.connect();
      } catch (error) {
        if (closing !== null) throw refused(error);
        if (sqlstateOf(error) === TOO_MANY_CONNECTIONS && Date.now() < until) {
          await makeDo(asked);
          continue;
        }
        hosts.failed(host);
        if (tried >= hosts.count) throw refused(error);
        tried += 1;
      }
    }
  }

  /**
   * The server gives no more connections. With connections of our own, bounds the pool to them so that callers wait for one; with none,
   * waits for others to give one back.
   */
  async function makeDo(asked: pg.Pool): Promise<void> {
    const there = asked.totalCount;
    if (there === 0) return await delay(SHORT_OF_MS);
    const before = settings.max ?? asked.options.max;
    asked.options.max = there;
    setTimeout(() => {
      asked.options.max = before;
    }, MAKE_DO_MS).unref();
  }

  return {
    async borrow(work) {
      const from = pool;
      const client = await connect();
      let lost: Error | undefined;
      const onLost = (error: Error) => {
        lost = error;
      };
      client.on('error', onLost);
      const done = working(client);
      try {
        return await work(client);
      } catch (error) {
        if (!isAnswer(error)) lost ??= error as Error;
        if (from === pool && /^Query read timeout/.test(messageOf(error))) onSilence();
        throw tooLate(error, done());
      } finally {
        done();
        client.off('error', onLost);
        client.release(lost);
      }
    },
    renew() {
      if (closing !== null) return;
      const left = pool;
      pool = open();
      left.end().catch(() => undefined);
    },
    close() {
      closing ??= pool.end();
      return closing;
    },
  };
}

const TIME_LIMIT = '57014';

/** Adds what the statement had waited for to the error of a time limit. */
function tooLate(error: unknown, cause: string | null): unknown {
  if (cause === null || sqlstateOf(error) !== TIME_LIMIT) return error;
  const text = `The database did not do it in time: ${cause} (${messageOf(error)}).`;
  return new TpeError('UNAVAILABLE', text, { sqlstate: TIME_LIMIT }, error);
}

/** SQLSTATEs with which the server ends a connection: shut down, idle for too long, broken. */
const LAST_WORDS = /^(57P0[1235]|25P0[34]|08...)$/;

/** Whether the connection can still be used after this error. */
function isAnswer(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return !LAST_WORDS.test(error.code ?? '');
  return !(error instanceof Error) || error instanceof TpeError;
}

import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { sqlstateOf } from '../sqlstate.js';
import type { Hosts } from './connection-url.js';

export interface PostgresqlPool {
  /** Lends a connection to `work`. Rejects as `work` does, with the error of connecting, or with CLOSED. */
  borrow<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Leaves its connections behind: the next ones are new. */
  renew(): void;
  close(): Promise<void>;
}

export interface PoolListener {
  /** One was dead without a word: the idle ones beside it are too, and each would be waited for. */
  onSilence(): void;
  /** What is thrown where no connection can be made. */
  refused(error: unknown): unknown;
  /** A connection is at work, until the returned function is called: it says what kept it waiting for long. */
  working(client: pg.PoolClient): () => string | null;
}

const TOO_MANY_CONNECTIONS = '53300';
/** For so long as the server gave no more connections a pool makes do with those that it has. */
const MAKE_DO_MS = 60_000;
const SHORT_OF_MS = 200;

/** Connections that are opened as they are needed, and again after each loss. */
export function openPostgresqlPool(
  settings: pg.PoolConfig,
  hosts: Hosts,
  { onSilence, refused, working }: PoolListener,
): PostgresqlPool {
  let pool = open();
  let closing: Promise<void> | null = null;

  function open(): pg.Pool {
    const opened = new pg.Pool(settings);
    // A connection that dies while idle leaves the pool by itself; whoever asks next gets a new one.
    opened.on('error', () => undefined);
    // Its last words may come with the very packet that lets us in, before anybody can listen: they would end the process.
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

  /** Where the server gives no more connections, one of those that are there is waited for; or one that others give back. */
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

/** A statement that ended by its time limit says what it had waited for. */
function tooLate(error: unknown, cause: string | null): unknown {
  if (cause === null || sqlstateOf(error) !== TIME_LIMIT) return error;
  const text = `The database did not do it in time: ${cause} (${messageOf(error)}).`;
  return new TpeError('UNAVAILABLE', text, { sqlstate: TIME_LIMIT }, error);
}

/** SQLSTATEs with which the server ends a connection: shut down, idle for too long, broken. */
const LAST_WORDS = /^(57P0[1235]|25P0[34]|08...)$/;

/** True for an error after which the connection is still good. */
function isAnswer(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return !LAST_WORDS.test(error.code ?? '');
  return !(error instanceof Error) || error instanceof TpeError;
}

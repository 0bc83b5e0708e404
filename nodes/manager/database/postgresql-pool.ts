import pg from 'pg';
import { messageOf, TpeError } from '../tpe-error.js';
import { sqlstateOf } from './sqlstate.js';

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
}

const TOO_MANY_CONNECTIONS = '53300';
/** For so long as the server gave no more connections a pool makes do with those that it has. */
const MAKE_DO_MS = 60_000;

/** Connections that are opened as they are needed, and again after each loss. */
export function openPostgresqlPool(
  settings: pg.PoolConfig,
  { onSilence, refused }: PoolListener,
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
    try {
      return await asked.connect();
    } catch (error) {
      if (closing !== null || !makeDo(asked, error)) throw refused(error);
      return await asked.connect().catch((still) => {
        throw refused(still);
      });
    }
  }

  /** Whether one of the connections that are there may be waited for, where the server gives no more. */
  function makeDo(asked: pg.Pool, error: unknown): boolean {
    if (sqlstateOf(error) !== TOO_MANY_CONNECTIONS || asked.totalCount === 0) return false;
    const { max } = settings;
    asked.options.max = asked.totalCount;
    setTimeout(() => {
      asked.options.max = max ?? asked.options.max;
    }, MAKE_DO_MS).unref();
    return true;
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
      try {
        return await work(client);
      } catch (error) {
        if (!isAnswer(error)) lost ??= error as Error;
        if (from === pool && /^Query read timeout/.test(messageOf(error))) onSilence();
        throw error;
      } finally {
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

/** SQLSTATEs with which the server ends a connection: shut down, idle for too long, broken. */
const LAST_WORDS = /^(57P0[1235]|25P0[34]|08...)$/;

/** True for an error after which the connection is still good. */
function isAnswer(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return !LAST_WORDS.test(error.code ?? '');
  return !(error instanceof Error) || error instanceof TpeError;
}

import pg from 'pg';
import { messageOf, TpeError } from '../tpe-error.js';

export interface PostgresqlPool {
  /** Lends a connection to `work`. Rejects as `work` does, with the error of connecting, or with CLOSED. */
  borrow<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Leaves its connections behind: the next ones are new. */
  renew(): void;
  close(): Promise<void>;
}

/**
 * Connections that are opened as they are needed, and again after each loss. `onSilence` is told that one was dead
 * without a word: the idle ones beside it are too, and each would be waited for.
 */
export function openPostgresqlPool(settings: pg.PoolConfig, onSilence: () => void): PostgresqlPool {
  let pool = open();
  let closing: Promise<void> | null = null;

  function open(): pg.Pool {
    const opened = new pg.Pool(settings);
    // A connection that dies while idle leaves the pool by itself; whoever asks next gets a new one.
    opened.on('error', () => undefined);
    return opened;
  }

  async function connect(): Promise<pg.PoolClient> {
    if (closing !== null) throw new TpeError('CLOSED', 'The database is closed.');
    return pool.connect();
  }

  return {
    async borrow(work) {
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

/** True for an error that the server sent: the connection is still good. */
function isAnswer(error: unknown): boolean {
  return !(error instanceof Error) || error instanceof pg.DatabaseError || error instanceof TpeError;
}

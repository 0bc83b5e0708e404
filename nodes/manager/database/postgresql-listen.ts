import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Listening, NotificationListener } from './database.js';

const PAUSE_MS = { first: 200, longest: 10_000 };

/**
 * Listens to notifications on a connection of its own, and connects again after each loss. What was notified
 * meanwhile is lost: `onListening` says when it hears again, so that the listener can look for itself.
 */
export function listenOnPostgresql(
  config: pg.ClientConfig,
  channel: string,
  listener: NotificationListener,
): Listening {
  const closing = new AbortController();
  let client: pg.Client | null = null;

  /** Resolves when the connection is gone. */
  async function hear(): Promise<void> {
    const connection = new pg.Client(config);
    client = connection;
    const lost = new Promise<void>((resolve) => {
      connection.once('error', () => resolve());
      connection.once('end', () => resolve());
    });
    // Without one, the loss of the connection after the first error would end the process.
    connection.on('error', () => undefined);
    try {
      await connection.connect();
      connection.on('notification', ({ payload }) => listener.onNotification(payload ?? ''));
      await connection.query(`listen ${connection.escapeIdentifier(channel)}`);
      listener.onListening();
      await lost;
    } finally {
      client = null;
      await connection.end().catch(() => undefined);
    }
  }

  async function run(): Promise<void> {
    let pause = PAUSE_MS.first;
    while (!closing.signal.aborted) {
      const began = Date.now();
      await hear().catch(() => undefined);
      pause = Date.now() - began > PAUSE_MS.longest ? PAUSE_MS.first : Math.min(pause * 2, PAUSE_MS.longest);
      await delay(pause, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async close() {
      closing.abort();
      await client?.end().catch(() => undefined);
      await running;
    },
  };
}

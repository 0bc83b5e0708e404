import { once } from 'node:events';
import type pg from 'pg';
import { type Backoff, backoffMs } from '../../shared/backoff.js';
import { createEnding } from '../../shared/ending.js';
import { pause } from '../../shared/pause.js';
import { within } from '../../shared/timeout.js';
import type { Listening, NotificationListener } from '../database.js';
import { sessionSetup } from '../session-settings.js';
import type { Hosts } from './connection-url.js';
import { PostgresqlClient } from './postgresql-client.js';

const END_MS = 1000;
const BACKOFF = { firstMs: 200, longestMs: 10_000 } satisfies Backoff;

/**
 * Listens to notifications on a connection of its own, and connects again after each loss. Notifications of the time between are lost, so
 * `onListening` tells the listener when to look for itself.
 */
export function listenOnPostgresql(
  config: pg.ClientConfig,
  hosts: Hosts,
  channel: string,
  listener: NotificationListener,
): Listening {
  const closing = createEnding();
  const closed = once(closing.signal, 'abort');

  /** Listens until the connection is lost or closed. Rejects when it cannot connect. */
  async function hear(): Promise<void> {
    const host = hosts.current();
    const connection = new PostgresqlClient({ ...config, connectionString: host });
    const lost = new Promise<void>((resolve) => {
      connection.once('error', () => resolve());
      connection.once('end', () => resolve());
    });
    // Without a listener, an error after the first one would end the process.
    connection.on('error', () => undefined);
    try {
      await connection.connect();
      await connection.query(sessionSetup());
      connection.on('notification', ({ payload }) => listener.onNotification(payload ?? ''));
      await connection.query(`listen ${connection.escapeIdentifier(channel)}`);
      listener.onListening();
      await Promise.race([lost, closed]);
    } catch (error) {
      hosts.failed(host);
      throw error;
    } finally {
      await end(connection);
    }
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      const began = Date.now();
      await hear().catch(() => undefined);
      failures = Date.now() - began > BACKOFF.longestMs ? 0 : failures + 1;
      await pause(backoffMs(failures, BACKOFF), { signal: closing.signal });
    }
  }

  const running = run();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** Ends a connection, but waits only briefly, because the server may have disappeared without closing it. */
async function end(connection: pg.Client): Promise<void> {
  const ended = connection.end().catch(() => undefined);
  await within(END_MS, ended, () => undefined);
}

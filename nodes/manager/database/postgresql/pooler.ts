import type pg from 'pg';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { PostgresqlClient } from './postgresql-client.js';

const ANSWER_MS = 5000;

/**
 * Rejects with CONFLICT when a pooler gives this connection to others between two transactions, because settings, LISTEN and plans of a
 * session would then apply to somebody else's. A pooler that keeps sessions apart (pool_mode = session) is fine. Rejects with UNAVAILABLE
 * when the pooler has no second connection, and with the driver's error.
 */
export async function refuseSharing(client: pg.ClientBase, config: pg.ClientConfig): Promise<void> {
  const pid = await pidOf(client);
  // A pooler reports a process id of its own when it lets us in, so the same id means that there is none.
  if ((client as { processID?: unknown }).processID === pid) return;
  const other = new PostgresqlClient({ ...config, query_timeout: ANSWER_MS });
  other.on('error', () => undefined);
  await other.connect();
  try {
    const isShared = await other.query('begin').then(
      async () => {
        const theirs = await pidOf(other);
        const mine = [await pidOf(client), await pidOf(client)];
        return mine.includes(theirs) || mine.some((one) => one !== pid);
      },
      (error: unknown) => {
        if (/timeout/i.test(messageOf(error))) throw tooSmall();
        return true;
      },
    );
    if (isShared) throw shared();
  } finally {
    other.end().catch(() => undefined);
  }
}

async function pidOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

const REMEDY =
  'In pgbouncer.ini, for this database: pool_mode=session, and pool_size=20 for each manager; or put the address of PostgreSQL itself into the URL';

function shared(): TpeError {
  const text = `Before PostgreSQL stands a pooler that shares connections between transactions (PgBouncer: pool_mode = transaction or statement). The manager listens to notifications and keeps settings and plans of its sessions, which get lost so. ${REMEDY}.`;
  return new TpeError('CONFLICT', text);
}

function tooSmall(): TpeError {
  return new TpeError(
    'UNAVAILABLE',
    `Before PostgreSQL stands a pooler that has no second connection for us. ${REMEDY}.`,
  );
}

import { createEnding } from '../shared/ending.js';
import { pause } from '../shared/pause.js';
import { TpeError } from '../shared/tpe-error.js';
import type { Database, Queryable } from './database.js';
import { endSessions, holdersInWords, type LockHolder, lockHolders } from './lock-holders.js';
import { isLockFault, sqlstateOf } from './sqlstate.js';

/**
 * Whoever comes behind us waits as long as we do, also who only wants to read, as a login of a gateway does: so we wait
 * briefly, and leave them time in between. Now and then a little longer: after a second PostgreSQL ends its own upkeep for us.
 */
const ATTEMPT_MS = { usual: 500, sometimes: 1300 };
const SOMETIMES = 4;
const PAUSE_MS = 1000;
const LOOK_MS = 100;
/** So long it is tried before anybody is told; and how long a caller should wait before the next time. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 5000;

/**
 * Runs `work` in a transaction that never waits long for a lock, again and again. After 10 s it rejects with UNAVAILABLE, which says
 * who holds the lock and what to do; nothing of it was kept, and it may be tried again. Without a `log` it only looks: then
 * nobody is ended for it.
 */
export async function withLockPatience<T>(
  database: Database,
  log: { info(text: string): void } | null,
  work: (transaction: Queryable) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let holders: LockHolder[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const watch = watchHolders(database, attempt > 1 ? log : null);
    try {
      return await database.transaction(async (transaction) => {
        await watch.begin(transaction);
        const limit = attempt % SOMETIMES === 0 ? ATTEMPT_MS.sometimes : ATTEMPT_MS.usual;
        await transaction.query(`set local lock_timeout = ${limit}`);
        return await work(transaction);
      });
    } catch (error) {
      if (!isLockFault(error)) throw error;
      const seen = await watch.end();
      if (seen.length > 0) holders = seen;
      if (performance.now() - began >= PATIENCE_MS) throw stillLocked(holders, error);
    } finally {
      await watch.end();
    }
    await pause(PAUSE_MS);
  }
}

function stillLocked(holders: readonly LockHolder[], cause: unknown): TpeError {
  const relation = holders.find((holder) => holder.relation !== null)?.relation ?? null;
  const what = relation === null ? 'a lock' : `the table ${relation}`;
  const text = `The database could not be migrated yet: it waits for ${what}, and ${holdersInWords(holders, 'the manager is open')} It is tried again by itself; until then nothing was changed.`;
  const details = { relation, retryMs: RETRY_MS, sqlstate: sqlstateOf(cause) ?? '' };
  return new TpeError('UNAVAILABLE', text, details, cause);
}

interface Watch {
  /** Within the transaction that will wait. */
  begin(transaction: Queryable): Promise<void>;
  /** Those seen last. */
  end(): Promise<LockHolder[]>;
}

/** Looks from another connection who keeps us waiting: only while we wait PostgreSQL knows. With a `log` it ends sessions of EMQX. */
function watchHolders(database: Database, log: { info(text: string): void } | null): Watch {
  let seen: LockHolder[] = [];
  const ending = createEnding();
  let looking: Promise<void> = Promise.resolve();

  async function look(pid: number): Promise<void> {
    while (!ending.signal.aborted) {
      await pause(LOOK_MS, { signal: ending.signal });
      if (ending.signal.aborted) return;
      const holders = await lockHolders(
        { query: (sql, given) => database.queryBatch(1, sql, given ?? []) },
        pid,
      );
      if (holders.length > 0) seen = holders;
      const emqx = holders.filter((holder) => holder.may_end);
      if (log !== null && emqx.length > 0) await endEmqx(emqx, log);
    }
  }

  async function endEmqx(sessions: readonly LockHolder[], to: { info(text: string): void }): Promise<void> {
    const ended = await endSessions(
      database,
      sessions.map(({ pid }) => pid),
    );
    const roles = [...new Set(sessions.map(({ role }) => role))].join(', ');
    if (ended > 0)
      to.info(
        `${ended} sessions of EMQX (role ${roles}) kept tables that are migrated, and were ended: it connects again by itself.`,
      );
  }

  return {
    async begin(transaction) {
      // In this process nobody else can hold anything.
      if (database.kind === 'pglite') return;
      const [row] = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid');
      looking = look(row!.pid).catch(() => undefined);
    },
    async end() {
      ending.abort();
      await looking;
      return seen;
    },
  };
}

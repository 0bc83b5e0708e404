import { createEnding } from '../shared/ending.js';
import { pause } from '../shared/pause.js';
import { TpeError } from '../shared/tpe-error.js';
import type { Database, Queryable } from './database.js';
import { endSessions, holdersInWords, type LockHolder, lockHolders } from './lock-holders.js';
import { isLockFault, sqlstateOf } from './sqlstate.js';

/**
 * A session that asks for the lock after us waits as long as we do, even to read, as a gateway's login does. So each attempt is short, with
 * a pause after it. Every fourth attempt is longer, because PostgreSQL ends its own autovacuum for us after a second.
 */
const ATTEMPT_MS = { usual: 500, sometimes: 1300 };
const SOMETIMES = 4;
const PAUSE_MS = 1000;
const LOOK_MS = 100;
/** How long it is tried before it rejects, ms, and how long a caller should wait before the next call. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 5000;

/**
 * Runs `work` in a transaction that never waits long for a lock, and repeats it until it gets its locks. After 10 s, it rejects with
 * UNAVAILABLE and says who holds the lock and what to do; nothing has been changed then, and it may be called again. `log` is told which
 * sessions of EMQX were ended; without it, none are ended.
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
  /** Starts watching; must be called in the transaction that will wait. */
  begin(transaction: Queryable): Promise<void>;
  /** Stops watching, and resolves with the holders that were seen last. */
  end(): Promise<LockHolder[]>;
}

/**
 * Looks on another connection who keeps us waiting, because PostgreSQL knows that only while we wait. With a `log`, it ends sessions of
 * EMQX.
 */
function watchHolders(database: Database, log: { info(text: string): void } | null): Watch {
  let seen: LockHolder[] = [];
  const ending = createEnding();
  let looking: Promise<void> = Promise.resolve();

  async function look(pid: number): Promise<void> {
    while (!ending.signal.aborted) {
      await pause(LOOK_MS, { signal: ending.signal });
      if (ending.signal.aborted) return;
      const holders = await lockHolders({ query: (sql, given) => database.queryKept(sql, given ?? []) }, pid);
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
      // With PGlite, nobody else can hold a lock.
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

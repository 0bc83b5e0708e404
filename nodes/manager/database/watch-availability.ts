import { createEnding } from '../shared/ending.js';
import { pause } from '../shared/pause.js';
import type { Database, Queryable } from './database.js';
import { isUnavailable, unavailableInWords } from './unavailable.js';

const PROBE_MS = 1000;

/**
 * Wraps a database so that `onChange` is called once when it stops answering (with the driver's error) and once when it answers again (with
 * null). Each statement shows it; while the database is away, it is also asked every second, so that a system without statements finds out
 * too. Callers get UNAVAILABLE in words then, except inside a transaction, where they get the driver's error.
 */
export function watchAvailability(database: Database, onChange: (error: unknown) => void): Database {
  const closing = createEnding();
  let isAway = false;

  async function watched<T>(working: Promise<T>): Promise<T> {
    try {
      const result = await working;
      back();
      return result;
    } catch (error) {
      if (isUnavailable(error)) away(error);
      throw unavailableInWords(error);
    }
  }

  function back(): void {
    if (!isAway) return;
    isAway = false;
    onChange(null);
  }

  function away(error: unknown): void {
    if (isAway || closing.signal.aborted) return;
    isAway = true;
    onChange(error);
    void probe();
  }

  async function probe(): Promise<void> {
    while (isAway && !closing.signal.aborted) {
      await pause(PROBE_MS, { signal: closing.signal, ref: false });
      if (isAway && !closing.signal.aborted) {
        await watched(database.query('select 1')).catch(() => undefined);
      }
    }
  }

  return {
    kind: database.kind,
    listen: database.listen,
    query: (sql, parameters) => watched(database.query(sql, parameters)),
    queryKept: (sql, parameters) => watched(database.queryKept(sql, parameters)),
    queryBatch: (items, sql, parameters) => watched(database.queryBatch(items, sql, parameters)),
    execute: (script) => watched(database.execute(script)),
    transaction: <T>(work: (transaction: Queryable) => Promise<T>) => watched(database.transaction(work)),
    close() {
      closing.abort();
      return database.close();
    },
  };
}

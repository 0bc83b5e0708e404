import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Database } from '../database/database.js';
import { isUnavailable } from '../database/unavailable.js';
import { createEnding } from '../shared/ending.js';
import { messageOf } from '../shared/tpe-error.js';
import { forget } from './forget.js';
import { KEPT } from './kept.js';

/** Removes rows that are older than their table keeps them, once an hour, by one of several managers at a time. */
export interface Retention {
  /** Begins the first round, and then repeats it every hour. */
  start(): void;
  /** Runs one round over all tables, and resolves with how many rows were removed. Never rejects. */
  round(): Promise<number>;
  /** Waits for the statement that is under way. */
  close(): Promise<void>;
}

export interface RetentionOptions {
  database: Database;
  schedule: Schedule;
  /** Called when rows of a table cannot be removed, once until it works again. */
  onFault(text: string): void;
}

const TASK = 'retention';
const EVERY_MS = 3_600_000;

/** Creates the retention on a migrated database. */
export function createRetention({ database, schedule, onFault }: RetentionOptions): Retention {
  const closing = createEnding();
  const failing = new Set<string>();
  let underWay: Promise<number> | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function roundOnce(): Promise<number> {
    let total = 0;
    try {
      // `isOurs` is asked before each piece: a manager that works keeps the task, and one that was stopped for an hour learns that another
      // has begun.
      await schedule.attempt(TASK, EVERY_MS, async (isOurs) => {
        for (const kept of KEPT) total += await forgetOf(kept, isOurs);
      });
    } catch {
      // The database is away, which watchAvailability reports. The next round goes on.
    }
    return total;
  }

  /** Rejects only when the database is away. */
  async function forgetOf(kept: (typeof KEPT)[number], isOurs: () => Promise<boolean>): Promise<number> {
    try {
      const gone = await forget(database, kept, isOurs, closing.signal);
      failing.delete(kept.table);
      return gone;
    } catch (error) {
      if (isUnavailable(error)) throw error;
      tell(kept.table, error);
      return 0;
    }
  }

  function tell(table: string, error: unknown): void {
    if (closing.signal.aborted || failing.has(table)) return;
    failing.add(table);
    onFault(`Old rows of ${table} could not be deleted, retrying: ${messageOf(error)}`);
  }

  function round(): Promise<number> {
    underWay ??= roundOnce().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  function later(ms: number): void {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => void round().then(() => later(EVERY_MS)), ms);
    timer.unref();
  }

  return {
    start: () => later(0),
    round,
    async close() {
      closing.abort();
      clearTimeout(timer);
      await underWay;
    },
  };
}

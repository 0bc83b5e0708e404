import { backoffMs } from '../shared/backoff.js';
import { denialReason } from '../shared/denial-reasons.js';
import { createEnding } from '../shared/ending.js';
import { pause } from '../shared/pause.js';
import { TpeError } from '../shared/tpe-error.js';
import { databaseReason } from './database-reasons.js';
import { awayInWords, isUnavailable } from './unavailable.js';

export interface GroupCommitOptions<Item, Result> {
  /** Writes a batch in as few statements as possible, and resolves with the results in the order of the items. */
  write(items: readonly Item[]): Promise<Result[]>;
  /** Largest number of items in one write. */
  maxBatch: number;
  /** With so many items waiting, `add` rejects with BUSY. */
  maxWaiting: number;
  /** Called after each commit with the number of items and the time of the write, ms. */
  onWritten?(items: number, ms: number): void;
}

export interface GroupCommit<Item, Result> {
  /**
   * Resolves with the item's result once it is committed. While the database is away, the item waits until it is back, or for `patienceMs`
   * if given (then UNAVAILABLE). Rejects with BUSY when too many items wait already, with CLOSED after close, and with the database's own
   * error when the item itself cannot be written.
   */
  add(item: Item, patienceMs?: number): Promise<Result>;
  /** How many items wait or are being written. */
  waiting(): number;
  /** Writes the waiting items, but gives up when the database is away. Resolves when no item is left. */
  close(): Promise<void>;
}

interface Entry<Item, Result> {
  item: Item;
  deadline: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const BACKOFF = { firstMs: 50, longestMs: 2000 };

/**
 * Creates a group commit. It collects the items that arrive while the last write runs and writes them together: one commit serves many
 * callers, and in a quiet system no item waits. An item that the database refuses does not make the others fail.
 */
export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const queue: Entry<Item, Result>[] = [];
  let running: Promise<void> | null = null;
  let writing = 0;
  let closed = false;
  const closing = createEnding();

  function add(item: Item, patienceMs?: number): Promise<Result> {
    if (closed) return Promise.reject(new TpeError('CLOSED', denialReason('manager-closing')));
    if (queue.length + writing >= options.maxWaiting) {
      const reason = databaseReason('database-overloaded', { count: options.maxWaiting });
      return Promise.reject(new TpeError('BUSY', reason));
    }
    return new Promise((resolve, reject) => {
      queue.push({
        item,
        deadline: patienceMs === undefined ? Infinity : Date.now() + patienceMs,
        resolve,
        reject,
      });
      running ??= run();
    });
  }

  async function run(): Promise<void> {
    // After one turn of the event loop, everything that has already arrived is in the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const batch = queue.splice(0, options.maxBatch);
      writing = batch.length;
      await settle(batch);
      writing = 0;
    }
    running = null;
  }

  async function settle(batch: Entry<Item, Result>[]): Promise<void> {
    let left = batch;
    for (let failures = 0; left.length > 0; failures += 1) {
      try {
        const begun = performance.now();
        const results = await options.write(left.map((entry) => entry.item));
        options.onWritten?.(left.length, performance.now() - begun);
        for (const [index, entry] of left.entries()) entry.resolve(results[index] as Result);
        return;
      } catch (error) {
        if (!isUnavailable(error) && !isConflict(error)) return await isolate(left, error);
        left = dropImpatient(left, error);
        await pause(backoffMs(failures, BACKOFF), { signal: closing.signal });
      }
    }
  }

  /** The database refused the batch because of an item in it. Writes the items one by one to find out which. */
  async function isolate(batch: Entry<Item, Result>[], error: unknown): Promise<void> {
    if (batch.length === 1) return batch[0]!.reject(error);
    for (const entry of batch) await settle([entry]);
  }

  function dropImpatient(batch: Entry<Item, Result>[], error: unknown): Entry<Item, Result>[] {
    const now = closed ? Infinity : Date.now();
    return batch.filter((entry) => {
      if (entry.deadline > now) return true;
      entry.reject(new TpeError('UNAVAILABLE', awayInWords(error), {}, error));
      return false;
    });
  }

  return {
    add,
    waiting: () => queue.length + writing,
    async close() {
      closed = true;
      closing.abort();
      await running;
    },
  };
}

/** Whether two writers changed the same rows, so that one of them has to write again. */
function isConflict(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === '40001' || code === '40P01';
}

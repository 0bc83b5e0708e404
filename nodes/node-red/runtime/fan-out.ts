import { breathe } from '../../manager/shared/breathe.js';

/** Where one piece of work stands among the others. */
export interface Place {
  /** From 0. */
  index: number;
  /** How many there are; undefined as long as that is not known, known to the last one at the latest. */
  count(): number | undefined;
}

/**
 * Does `work` for each item, at most `limit` at a time, taking items only as fast as they are worked on.
 * The first fault ends it: nothing new is started, what runs is waited for, then the fault is thrown.
 * Resolves with the number of items.
 */
export async function fanOut<Item>(
  items: AsyncIterable<Item>,
  limit: number,
  signal: AbortSignal,
  work: (item: Item, place: Place) => Promise<void>,
): Promise<number> {
  const running = new Set<Promise<void>>();
  const faults: unknown[] = [];
  let started = 0;
  let total: number | undefined;

  const start = (item: Item) => {
    const run: Promise<void> = work(item, { index: started, count: () => total })
      .catch((error: unknown) => void faults.push(error))
      .finally(() => running.delete(run));
    running.add(run);
    started += 1;
  };

  try {
    for await (const { item, last } of lookingAhead(items)) {
      if (faults.length > 0 || signal.aborted) break;
      if (last) total = started + 1;
      await breathe();
      start(item);
      if (running.size >= limit) await Promise.race(running);
    }
  } catch (error) {
    faults.unshift(error);
  }
  await Promise.all(running);
  if (faults.length > 0) throw faults[0];
  return started;
}

async function* lookingAhead<Item>(items: AsyncIterable<Item>): AsyncIterable<{ item: Item; last: boolean }> {
  let held: { item: Item } | null = null;
  for await (const item of items) {
    if (held) yield { item: held.item, last: false };
    held = { item };
  }
  if (held) yield { item: held.item, last: true };
}

import { someAtOnce } from '../../manager/shared/some-at-once.js';
import { yieldToEventLoop } from '../../manager/shared/yield-to-event-loop.js';

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
  let total: number | undefined;
  const place = (index: number): Place => ({ index, count: () => total });
  const workOn = async ({ item, last }: { item: Item; last: boolean }, index: number) => {
    if (last) total = index + 1;
    await yieldToEventLoop();
    await work(item, place(index));
  };
  return await someAtOnce(lookingAhead(items), limit, workOn, signal);
}

async function* lookingAhead<Item>(items: AsyncIterable<Item>): AsyncIterable<{ item: Item; last: boolean }> {
  let held: { item: Item } | null = null;
  for await (const item of items) {
    if (held) yield { item: held.item, last: false };
    held = { item };
  }
  if (held) yield { item: held.item, last: true };
}

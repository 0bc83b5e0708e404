import { someAtOnce } from '../../manager/shared/some-at-once.js';
import { yieldToEventLoop } from '../../manager/shared/yield-to-event-loop.js';

/** The position of an item among all items. */
export interface Place {
  /** Counts from 0. */
  index: number;
  /** The number of items; undefined as long as it is not known. It is known for the last item at the latest. */
  count(): number | undefined;
}

/**
 * Calls `work` for each item, at most `limit` at a time, and reads items only as fast as they are handled. After the first error it starts
 * nothing more, waits for the running work, and rejects with that error. `signal` ends it early. Resolves with the number of items.
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

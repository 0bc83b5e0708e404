import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';

/** The number of items that are sorted in one go, which takes one or two ms. */
const RUN = 1024;

/** Makes a sorted copy of a list of any length. Other work of the process runs meanwhile. */
export async function sortInPieces<Item>(
  items: readonly Item[],
  isBefore: (one: Item, other: Item) => boolean,
): Promise<Item[]> {
  let runs: Item[][] = [];
  for (let start = 0; start < items.length; start += RUN) {
    runs.push(items.slice(start, start + RUN).sort((a, b) => (isBefore(a, b) ? -1 : 1)));
    await yieldToEventLoop();
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let place = 0; place < runs.length; place += 2) {
      merged.push(await merge(runs[place] ?? [], runs[place + 1] ?? [], isBefore));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  one: readonly Item[],
  other: readonly Item[],
  isBefore: (one: Item, other: Item) => boolean,
): Promise<Item[]> {
  const merged: Item[] = [];
  let left = 0;
  let right = 0;
  while (left < one.length || right < other.length) {
    if (merged.length % RUN === 0) await yieldToEventLoop();
    const takesOther = left === one.length || (right < other.length && isBefore(other[right]!, one[left]!));
    merged.push(takesOther ? other[right++]! : one[left++]!);
  }
  return merged;
}

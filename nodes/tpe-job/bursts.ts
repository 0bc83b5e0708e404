/** Hands on what comes one by one, and much of it in lists. */
export interface Bursts<Item> {
  add(item: Item): void;
  /** Hands on what waits, now. */
  flush(): void;
}

/**
 * Creates the bursts: up to `most` items in `everyMs` milliseconds are handed on at once, each alone; what is more waits for the end of that
 * time and comes as one list. The order stays.
 */
export function createBursts<Item>(
  everyMs: number,
  most: number,
  hand: (items: Item[]) => void,
): Bursts<Item> {
  let waiting: Item[] = [];
  let count = 0;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    const items = waiting;
    waiting = [];
    if (items.length > 0) hand(items);
  }

  function begin(): void {
    count = 0;
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting.length === 0) return;
      begin();
      flush();
    }, everyMs);
    timer.unref();
  }

  return {
    add(item) {
      if (timer === undefined) begin();
      count += 1;
      if (count <= most && waiting.length === 0) hand([item]);
      else waiting.push(item);
    },
    flush,
  };
}

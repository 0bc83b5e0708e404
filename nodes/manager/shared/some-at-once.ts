/**
 * Does `work` for each item, at most `atOnce` at a time, and takes items only as fast as they are worked on. The first error, of the work
 * or of the items, ends it: it begins nothing new, waits for what runs, and rejects with the error. `signal` ends it without an error.
 * Resolves with how many were begun.
 */
export async function someAtOnce<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item, index: number) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<number> {
  const running = new Set<Promise<void>>();
  const faults: unknown[] = [];
  let begun = 0;
  let onFree = nothing;

  const begin = (item: Item) => {
    const run: Promise<void> = work(item, begun)
      .then(nothing, (error: unknown) => void faults.push(error))
      .finally(() => {
        running.delete(run);
        onFree();
      });
    running.add(run);
    begun += 1;
  };

  try {
    for await (const item of items) {
      if (faults.length > 0 || signal?.aborted) break;
      begin(item);
      // Promise.race would leave something behind at each work that is slow, for every item that passes it.
      if (running.size >= atOnce) await new Promise<void>((resolve) => (onFree = resolve));
    }
  } catch (error) {
    faults.unshift(error);
  }
  await Promise.all(running);
  if (faults.length > 0) throw faults[0];
  return begun;
}

function nothing(): void {}

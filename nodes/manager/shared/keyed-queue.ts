/** Runs work of each key one after the other, in the order in which it was given; different keys go side by side. */
export type InOrder = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Nothing is kept for a key that has no work left. */
export function createInOrder(): InOrder {
  const last = new Map<string, Promise<void>>();
  return (key, work) => {
    const before = last.get(key);
    const mine = before === undefined ? work() : before.then(work);
    const settled: Promise<void> = mine.then(nothing, nothing).then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    last.set(key, settled);
    return mine;
  };
}

function nothing(): void {}

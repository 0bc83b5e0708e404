/** Runs the work of each key one after the other, in the order of the calls. Work of different keys runs side by side. */
export type InOrder = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Creates the queue of each key. It keeps nothing for a key without work. */
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

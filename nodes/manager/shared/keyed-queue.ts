/** Runs the work of each key one after the other, in the order of the calls. Work of different keys runs side by side. */
export type InOrder = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Creates the queue of each key. It keeps nothing for a key without work. */
export function createInOrder(): InOrder {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    const forget = () => {
      if (last.get(key) === mine) last.delete(key);
    };
    last.set(key, mine);
    mine.then(forget, forget);
    return mine;
  };
}

import type { Queryable } from '../database/database.js';
import { createOperationSet, type OperationSet } from './operation-set.js';
import { schemasOf } from './own-operation.js';
import { readStored, type Stored } from './own-operation-store.js';
import { distrustSchema } from './schema-check.js';

/** The users' operations, in memory. */
export interface OwnCache {
  set(): OperationSet;
  /** Reads them anew; resolves with true when any of them is not as it was. Rejects as the database does. */
  reload(): Promise<boolean>;
}

/** `warn` is told once of each row that cannot be read. */
export function createOwnCache(queryable: Queryable, warn: (text: string) => void): OwnCache {
  const warned = new Set<string>();
  let known = new Map<string, Stored>();
  let set = createOperationSet([]);
  let last: Promise<unknown> = Promise.resolve();

  async function read(): Promise<boolean> {
    const { own, foreign, unreadable } = await readStored(queryable);
    for (const { key, text } of unreadable) {
      if (!warned.has(key)) warn(text);
      warned.add(key);
    }
    const stored = [...own, ...foreign].map(asKnown);
    const isSame =
      stored.length === known.size && stored.every(({ operation }) => set.get(operation.id) === operation);
    if (isSame) return false;
    known = new Map(stored.map((one) => [one.operation.id, one]));
    set = createOperationSet(stored.map(({ operation }) => operation));
    return true;
  }

  /** What is as it was stays the same object, with all that was made of its schemas. */
  function asKnown({ operation, text }: Stored): Stored {
    const before = known.get(operation.id);
    if (before?.text === text) return before;
    for (const [, schema] of schemasOf(operation)) distrustSchema(schema);
    return { operation, text };
  }

  return {
    set: () => set,
    reload() {
      // One after the other, so that what was read last is what counts.
      const reading = last.then(read, read);
      last = reading.catch(() => undefined);
      return reading;
    },
  };
}

import type { Queryable } from '../../database/database.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { schemasOf } from '../custom-operation.js';
import { createOperationSet, type OperationSet } from '../operation-set.js';
import { distrustSchema } from '../validation/schema-check.js';
import { readStamp, readStored, type Stored } from './custom-store.js';

/** The custom operations in memory. */
export interface OwnCache {
  set(): OperationSet;
  /** Reads the custom operations again; resolves with true if any of them has changed. Rejects as the database does. */
  reload(): Promise<boolean>;
  /** As `reload`, but does nothing if one cheap query shows that nothing has changed. */
  maintain(): Promise<boolean>;
}

/** Creates the cache, which is empty until the first reload. `warn` gets one text for each row that cannot be read. */
export function createOwnCache(queryable: Queryable, warn: (text: string) => void): OwnCache {
  const warned = new Set<string>();
  let known: ReadonlyMap<string, Stored> = new Map();
  let set = createOperationSet([]);
  let stamp = '';
  let last: Promise<unknown> = Promise.resolve();

  async function read(): Promise<boolean> {
    // Read the stamp before the rows, so that a change in between leads to another reload.
    const seen = await readStamp(queryable);
    const { own, foreign, unreadable } = await readStored(queryable, known);
    stamp = seen;
    for (const { key, text } of unreadable) {
      if (!warned.has(key)) warn(text);
      warned.add(key);
    }
    const stored = [...own, ...foreign];
    const isSame = stored.length === known.size && stored.every((one) => known.get(one.operation.id) === one);
    if (isSame) return false;
    for (const { operation } of stored) {
      await yieldToEventLoop();
      for (const [, schema] of schemasOf(operation)) distrustSchema(schema);
    }
    known = new Map(stored.map((one) => [one.operation.id, one]));
    set = createOperationSet(stored.map(({ operation }) => operation));
    return true;
  }

  /** Runs one read after the other, so that an older result never replaces a newer one. */
  function inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const reading = last.then(work, work);
    last = reading.catch(() => undefined);
    return reading;
  }

  return {
    set: () => set,
    reload: () => inTurn(read),
    maintain: () => inTurn(async () => (await readStamp(queryable)) !== stamp && (await read())),
  };
}

import type { Queryable } from '../../database/database.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { schemasOf } from '../custom-operation.js';
import { createOperationSet, type OperationSet } from '../operation-set.js';
import { distrustSchema } from '../validation/schema-check.js';
import { readStamp, readStored, type Stored } from './custom-store.js';

/** The users' operations, in memory. */
export interface OwnCache {
  set(): OperationSet;
  /** Reads them anew; resolves with true when any of them is not as it was. Rejects as the database does. */
  reload(): Promise<boolean>;
  /** The same where a short look says that there is something new. */
  maintain(): Promise<boolean>;
}

/** `warn` is told once of each row that cannot be read. */
export function createOwnCache(queryable: Queryable, warn: (text: string) => void): OwnCache {
  const warned = new Set<string>();
  let known: ReadonlyMap<string, Stored> = new Map();
  let set = createOperationSet([]);
  let stamp = '';
  let last: Promise<unknown> = Promise.resolve();

  async function read(): Promise<boolean> {
    // Before the rows: what changes in between is looked at once more.
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

  /** One after the other, so that what was read last is what counts. */
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

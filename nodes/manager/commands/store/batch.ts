import type { CommandStoreOptions, CommandWrite } from '../command-store.js';

export const MAX_BATCH = 500;
export const MAX_WAITING = 20_000;

/** Returns the bounds of one kind of write, and who is told of its size and duration. */
export function batchOf(options: CommandStoreOptions, write: CommandWrite) {
  return {
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    onWritten: (items: number, ms: number) => options.onWritten(write, items, ms),
  };
}

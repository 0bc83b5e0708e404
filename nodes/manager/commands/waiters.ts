import { TpeError } from '../shared/tpe-error.js';
import { type CommandRecord, hasEnded } from './command.js';

export interface Waiters {
  /** Resolves with the record when the command has ended, or with null after `waitMs` (Infinity: never). Rejects with CLOSED on close. */
  wait(requestId: string, waitMs: number): Promise<CommandRecord | null>;
  has(requestId: string): boolean;
  /** The request ids that somebody waits for. */
  requestIds(): Iterable<string>;
  /** Resolves all waiters of a command, if it has ended. */
  tell(record: CommandRecord): void;
  close(): void;
}

interface Waiter {
  resolve(record: CommandRecord | null): void;
  reject(error: TpeError): void;
}

/** Creates the list of those who wait for the end of a command. */
export function createWaiters(): Waiters {
  const waiting = new Map<string, Set<Waiter>>();

  function remove(requestId: string, waiter: Waiter): void {
    const waiters = waiting.get(requestId);
    waiters?.delete(waiter);
    if (waiters?.size === 0) waiting.delete(requestId);
  }

  return {
    wait(requestId, waitMs) {
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { resolve, reject };
        const waiters = waiting.get(requestId) ?? new Set();
        waiting.set(requestId, waiters.add(waiter));
        if (waitMs === Infinity) return;
        const timer = setTimeout(() => {
          remove(requestId, waiter);
          resolve(null);
        }, waitMs);
        waiter.resolve = (record) => {
          clearTimeout(timer);
          resolve(record);
        };
        waiter.reject = (error) => {
          clearTimeout(timer);
          reject(error);
        };
      });
    },
    has: (requestId) => waiting.has(requestId),
    requestIds: () => waiting.keys(),
    tell(record) {
      if (!hasEnded(record.state)) return;
      const waiters = waiting.get(record.requestId) ?? [];
      waiting.delete(record.requestId);
      for (const waiter of waiters) waiter.resolve(record);
    },
    close() {
      const error = new TpeError('CLOSED', 'The device manager was closed before the command ended.');
      for (const waiters of waiting.values()) for (const waiter of waiters) waiter.reject(error);
      waiting.clear();
    },
  };
}

export interface EndsToWaitFor {
  waiters: Waiters;
  /** Whether it is known here that the command has not ended. */
  isOpen(requestId: string): boolean;
  get(requestId: string): Promise<CommandRecord | null>;
}

/**
 * Waits for the end of a command as `wait` does. Unless the command is known to be open here, it also reads the record once, since the end
 * may have come before the wait began.
 */
export async function waitForEnd(
  { waiters, isOpen, get }: EndsToWaitFor,
  requestId: string,
  waitMs: number,
): Promise<CommandRecord | null> {
  const ended = waiters.wait(requestId, waitMs);
  if (isOpen(requestId)) return await ended;
  void get(requestId)
    .then((record) => record && waiters.tell(record))
    .catch(() => undefined);
  return await ended;
}

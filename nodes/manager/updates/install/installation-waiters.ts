import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { type Installation, isOver } from './installation.js';

const MAX_TIMER_MS = 2 ** 31 - 1;

interface Waiter {
  resolve(installation: Installation): void;
  reject(error: Error): void;
}

/** Those who wait for the end of an installation. */
export interface InstallationWaiters {
  /**
   * Resolves when it has ended, or after `waitMs` (Infinity: never) with the record as it is then; null if it is unknown. Rejects with
   * CLOSED when the manager closes, and as `get` does.
   */
  wait(id: string, waitMs: number): Promise<Installation | null>;
  /** Resolves all waiters of an installation, if it has ended. */
  tell(installation: Installation): void;
  /** The ids of the installations that somebody waits for. */
  ids(): Iterable<string>;
  close(): void;
}

/** Creates the list of waiters. `get` reads the record; `signal` is aborted when the manager closes. */
export function createInstallationWaiters(
  get: (id: string) => Promise<Installation | null>,
  signal: AbortSignal,
): InstallationWaiters {
  const waiters = new Map<string, Set<Waiter>>();

  function tell(installation: Installation): void {
    if (!isOver(installation.state)) return;
    for (const waiter of waiters.get(installation.id) ?? []) waiter.resolve(installation);
    waiters.delete(installation.id);
  }

  function leave(id: string, waiter: Waiter): void {
    const some = waiters.get(id);
    some?.delete(waiter);
    if (some?.size === 0) waiters.delete(id);
  }

  function wait(id: string, waitMs: number): Promise<Installation | null> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve(installation) {
          clearTimeout(timer);
          resolve(installation);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = waitMs === Infinity ? undefined : setTimeout(giveUp, Math.min(waitMs, MAX_TIMER_MS));
      function giveUp() {
        stop();
        get(id).then(resolve, reject);
      }
      function stop() {
        clearTimeout(timer);
        leave(id, waiter);
      }
      if (signal.aborted) return waiter.reject(closedWhileWaiting());
      waiters.set(id, (waiters.get(id) ?? new Set()).add(waiter));
      get(id).then(
        (installation) => {
          if (installation !== null) return tell(installation);
          stop();
          resolve(null);
        },
        (error: unknown) => {
          stop();
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        },
      );
    });
  }

  return {
    wait,
    tell,
    ids: () => waiters.keys(),
    close() {
      for (const some of waiters.values()) for (const waiter of some) waiter.reject(closedWhileWaiting());
      waiters.clear();
    },
  };
}

function closedWhileWaiting(): TpeError {
  return new TpeError('CLOSED', 'The device manager was closed before the installation ended.');
}

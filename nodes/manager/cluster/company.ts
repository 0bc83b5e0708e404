import { DEAD_AFTER_S } from './heartbeat.js';

/** What this manager knows of others on its database. */
export interface Company {
  /** True if there is nobody to tell anything. While that is not known it is false. */
  isAlone(): boolean;
  /** Call it with each message of another manager. */
  heard(): void;
  /** Call it after a time in which others may have begun without being heard. */
  unsure(): void;
  /** Call it with the number of other managers that the database has as alive. */
  counted(others: number): void;
}

/**
 * Creates it. `onFound` is called when this manager was alone and another one shows itself or may be there, which may have missed what was
 * not said.
 * `now` is a clock that never goes back, ms.
 */
export function createCompany(onFound: () => void, now: () => number = () => performance.now()): Company {
  let isAlone = false;
  let heardAt = Number.NEGATIVE_INFINITY;

  function found(): void {
    if (!isAlone) return;
    isAlone = false;
    onFound();
  }

  return {
    isAlone: () => isAlone,
    unsure: found,
    heard() {
      heardAt = now();
      found();
    },
    counted(others) {
      if (others > 0) return found();
      // One that is heard is alive, even if its heartbeat is late.
      isAlone = now() - heardAt > DEAD_AFTER_S * 1000;
    },
  };
}

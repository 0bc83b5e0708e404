import { denialReason } from './denial-reasons.js';
import { TpeError } from './tpe-error.js';

/** Runs a bounded number of works at once. The others wait for their turn, in order. */
export type InTurns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Creates a limiter for `atOnce` works. Rejects with BUSY, without beginning the work, when `mostWaiting` wait already or when its turn has
 * not come within `patienceMs`.
 */
export function createInTurns(atOnce: number, mostWaiting: number, patienceMs: number): InTurns {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function turn(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return;
    }
    if (waiting.length >= mostWaiting)
      throw new TpeError('BUSY', denialReason('too-many-calls-waiting', { count: mostWaiting }));
    const since = Date.now();
    await new Promise<void>((go) => void waiting.push(go));
    if (Date.now() - since <= patienceMs) return;
    passOn();
    throw new TpeError('BUSY', denialReason('waited-behind-other-calls'));
  }

  /** Gives the place to the next in line, so that no later caller gets it first. */
  function passOn(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      passOn();
    }
  };
}

import { TpeError } from './tpe-error.js';

/** Lets a bounded number of works run at once; the others wait for their turn, in order. */
export type InTurns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Rejects with BUSY, and the work is never begun, where `mostWaiting` wait already or the turn did not come within
 * `patienceMs`.
 */
export function createInTurns(atOnce: number, mostWaiting: number, patienceMs: number): InTurns {
  let running = 0;
  const waiting: (() => void)[] = [];

  const busy = (why: string) => new TpeError('BUSY', `${why}; try again in a moment.`);

  async function turn(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return;
    }
    if (waiting.length >= mostWaiting) throw busy(`${mostWaiting} calls are waiting already`);
    const since = Date.now();
    await new Promise<void>((go) => void waiting.push(go));
    if (Date.now() - since <= patienceMs) return;
    passOn();
    throw busy('it waited too long behind other calls');
  }

  /** The place of who is done goes to the next, so that nobody gets in between. */
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

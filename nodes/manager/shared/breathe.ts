import { setImmediate as turn } from 'node:timers/promises';

const LONGEST_BREATH_MS = 10;
let turnedAt = performance.now();
let turning: Promise<void> | null = null;

/**
 * Lets everything else in the process have its turn, if it has not had one for some ms. Work that goes from promise to promise,
 * as statements of a database in this process do, would keep sockets and timers waiting to its end. Of several works that wait
 * for their turn, those that find the time spent by the first wait for the next one.
 */
export async function breathe(): Promise<void> {
  while (performance.now() - turnedAt >= LONGEST_BREATH_MS) await nextTurn();
}

function nextTurn(): Promise<void> {
  turning ??= turn().then(() => {
    turning = null;
    turnedAt = performance.now();
  });
  return turning;
}

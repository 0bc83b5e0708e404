import { setImmediate as turn } from 'node:timers/promises';

const LONGEST_BREATH_MS = 10;
let turnedAt = performance.now();

/**
 * Lets everything else in the process have its turn, if it has not had one for some ms. Work that goes from promise to promise,
 * as statements of a database in this process do, would keep sockets and timers waiting to its end.
 */
export async function breathe(): Promise<void> {
  if (performance.now() - turnedAt < LONGEST_BREATH_MS) return;
  await turn();
  turnedAt = performance.now();
}

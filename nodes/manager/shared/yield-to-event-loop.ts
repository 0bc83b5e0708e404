import { setImmediate as turn } from 'node:timers/promises';

const MAX_BUSY_MS = 10;
/** In one turn a server accepts one connection. Of many gateways that connect at once, some come in, and share their statements. */
const TURNS = 8;
let turnedAt = performance.now();
let turning: Promise<void> | null = null;

/**
 * Yields to the event loop if it has not run for some ms. Work that goes from promise to promise, as statements of an in-process
 * database do, would block sockets and timers to its end. Of several tasks that yield at once, those that find the time used up
 * by the first yield again. Resolves with whether it yielded.
 */
export async function yieldToEventLoop(): Promise<boolean> {
  let hasYielded = false;
  while (performance.now() - turnedAt >= MAX_BUSY_MS) {
    await nextTurn();
    hasYielded = true;
  }
  return hasYielded;
}

function nextTurn(): Promise<void> {
  turning ??= takeTurns().then(() => {
    turning = null;
    turnedAt = performance.now();
  });
  return turning;
}

async function takeTurns(): Promise<void> {
  for (let taken = 0; taken < TURNS; taken += 1) await turn();
}

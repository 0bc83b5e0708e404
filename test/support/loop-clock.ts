import { setTimeout as delay } from 'node:timers/promises';
import { threadMs } from './thread-time.js';

const TICK_MS = 2;
/** What anybody may keep the others waiting, ms. */
export const MAX_PAUSE_MS = 50;
/** A machine that does other things, too, stops a process now and then: what is right is so in one of some tries. */
const TRIES = 8;

/**
 * Sees how long the event loop of this process stands still: the time from turn to turn, as far as the thread of the event
 * loop computed in it. What the machine spends on others is not counted, so that a busy one says the same.
 */
export interface LoopClock {
  /** The longest pause since the last call, ms. */
  longest(): number;
  stop(): void;
}

export function startLoopClock(): LoopClock {
  let last = now();
  let longest = 0;
  const look = () => {
    const at = now();
    longest = Math.max(longest, Math.min(at.wall - last.wall - TICK_MS, at.cpu - last.cpu));
    last = at;
  };
  const timer = setInterval(look, TICK_MS);
  return {
    longest() {
      // A pause that lasts until now counts as well.
      look();
      const pause = longest;
      longest = 0;
      return pause;
    },
    stop: () => clearInterval(timer),
  };
}

/** Both in ms. */
function now(): { wall: number; cpu: number } {
  return { wall: performance.now(), cpu: threadMs() };
}

/** What is read of a clock, here or in another process. */
export type ReadClock = () => number | Promise<number>;

/** The longest pause while nothing is done, ms: what the machine itself is to blame for. */
export async function idlePause(read: ReadClock): Promise<number> {
  await read();
  await delay(500);
  return await read();
}

/** What `slowness` counts, and how long that takes on the machine by which the bounds were set, ms. */
const COUNTED = 5_000_000;
const COUNTED_IN_MS = 4.6;

/** How much slower than that machine this one is just now, at least 1: one that is shared may run at a third of its speed for minutes. */
function slowness(): number {
  const times = [1, 2, 3].map(() => {
    const begun = performance.now();
    let sum = 0;
    for (let number = 0; number < COUNTED; number += 1) sum += number % 7;
    return sum > 0 ? performance.now() - begun : 0;
  });
  // The shortest, in which nobody else had the processor.
  return Math.max(1, Math.min(...times) / COUNTED_IN_MS);
}

/**
 * The longest pause during a work, in the best of some tries: less than `MAX_PAUSE_MS` in one of them is enough, and ends
 * them. It is told as it would be on the machine by which the bounds were set.
 */
export async function pauseDuring(
  read: ReadClock,
  work: (attempt: number) => Promise<unknown>,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < TRIES && best > MAX_PAUSE_MS; attempt += 1) {
    await delay(20);
    const before = slowness();
    await read();
    await work(attempt);
    const pause = await read();
    best = Math.min(best, pause / Math.min(before, slowness()));
  }
  return best;
}

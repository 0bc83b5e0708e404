import type { Schedule } from '../cluster/recurring-tasks.js';
import { isUnavailable } from '../database/unavailable.js';
import { createEnding } from '../shared/ending.js';
import { messageOf } from '../shared/tpe-error.js';
import type { GuardTimes, Settling } from './settling.js';

/** Gives back slots of gateways that are well again, by one of several managers at a time. */
export interface Sweep {
  start(): void;
  /** One look at all slots, if it is this manager's turn. Never rejects. */
  round(): Promise<void>;
  /** Has the next round come at once, if a slot of this gateway settles, or in any case without one. */
  wake(clientid?: string): void;
  /** Waits for the round that is under way. */
  close(): Promise<void>;
}

export interface SweepOptions {
  settling: Settling;
  schedule: Schedule;
  times: Pick<GuardTimes, 'everyMs' | 'restMs'>;
  onFreed(clientids: readonly string[]): void;
  onStuck(): void;
  onFault(text: string): void;
}

const TASK = 'guard';
/** News of many gateways at once make one round. */
const SOON_MS = 50;

/** Creates the sweep. It touches the disk only while a slot is held. */
export function createSweep(options: SweepOptions): Sweep {
  const { settling, schedule, onFreed } = options;
  const { everyMs, restMs } = options.times;
  const closing = createEnding();
  let watched: ReadonlySet<string> = new Set();
  let underWay: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let isStarted = false;
  let hasFailed = false;

  async function roundOnce(): Promise<number> {
    // Asked first, since a turn is a write.
    if ((await plan()) === null) return everyMs;
    const isOurs = await schedule.attempt(TASK, restMs, giveBack);
    const after = await plan();
    if (!isOurs || after === null || after.dueMs === null) return everyMs;
    // What is due but not free waits for the presence.
    return after.dueMs <= 0 ? everyMs : Math.min(everyMs, after.dueMs + 1);
  }

  async function plan() {
    const found = await settling.plan();
    watched = new Set(found?.clientids);
    return found;
  }

  async function giveBack(): Promise<void> {
    const gone = await settling.look();
    const well = await settling.free();
    if ((await settling.markStuck()) > 0) options.onStuck();
    const freed = [...gone, ...well];
    if (freed.length > 0) onFreed(freed);
  }

  async function safely(): Promise<number> {
    try {
      const nextMs = await roundOnce();
      hasFailed = false;
      return nextMs;
    } catch (error) {
      // A database that is away is told by others.
      if (!hasFailed && !isUnavailable(error) && !closing.signal.aborted)
        options.onFault(`Slots of gateways could not be given back, retrying: ${messageOf(error)}`);
      hasFailed = true;
      return everyMs;
    }
  }

  function round(): Promise<void> {
    underWay ??= safely().then((nextMs) => {
      underWay = null;
      later(nextMs);
    });
    return underWay;
  }

  function later(ms: number): void {
    if (closing.signal.aborted || !isStarted) return;
    const at = performance.now() + ms;
    if (at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => {
      timerAt = Number.POSITIVE_INFINITY;
      // News that came while a round runs may have come too late for it.
      if (underWay === null) void round();
      else void underWay.then(() => later(SOON_MS));
    }, ms);
    timer.unref();
  }

  return {
    start() {
      isStarted = true;
      later(0);
    },
    round,
    wake(clientid) {
      if (clientid === undefined || watched.has(clientid)) later(SOON_MS);
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await underWay;
    },
  };
}

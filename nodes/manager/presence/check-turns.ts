import type { Schedule } from '../instances/schedule.js';

/** When presence is to be checked, and by whom of several managers. */
export interface CheckTurns {
  /** Begins at once, and goes on by itself. */
  start(): void;
  /** Something was missed: a check that began before this moment does not count. Soon, but not in all managers at once. */
  soon(): void;
  /** A check that is bound to end in words, now; never rejects. */
  now(): Promise<void>;
  close(): void;
}

export interface CheckTurnsOptions {
  schedule: Schedule;
  /** Between two checks by whichever manager, ms; asked for each time. */
  everyMs(): number;
  /** False while a check could only fail: then the turn is left to the others. */
  canCheck(): boolean;
  check(): Promise<unknown>;
  onFault(error: unknown): void;
}

const TASK = 'presence';
/** How often each manager looks whether it is its turn: a turn that another one gave back is taken up within that time, ms. */
const LOOK_EVERY_MS = 15_000;
/** After a check of its own that failed a manager leaves the turn to others for a while, ms. */
const REST_AFTER_FAULT_MS = 30_000;
/** What is noticed by all managers within so many ms is checked by one: each waits a part of it, by chance. */
const SPREAD_MS = 1000;
/** So long a manager comes back to what it noticed, and finds whether the other one that took the turn gave it back, ms. */
const MINDED_MS = 60_000;
/**
 * A check that another manager began so long before something was noticed here counts all the same: it noticed it earlier, or
 * will notice it by itself, and its own turns are never refused.
 */
const NOTICED_WITHIN_MS = LOOK_EVERY_MS;

export function createCheckTurns(options: CheckTurnsOptions): CheckTurns {
  const { schedule, canCheck, check, onFault } = options;
  let timer: NodeJS.Timeout | undefined;
  let soonTimer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let underWay: Promise<void> | null = null;
  let doneAt: number | null = null;
  let failedAt: number | null = null;
  /** When something was noticed that no check has looked into yet. */
  let missedAt: number | null = null;

  async function attempt(restMs: number): Promise<void> {
    const beganAt = performance.now();
    const missed = missedAt;
    try {
      const isDone = await schedule.attempt(TASK, Math.ceil(restMs), check);
      failedAt = null;
      if (isDone) doneAt = beganAt;
      // Who has the turn may fail and give it back. What came up meanwhile is for the next.
      const isOver = isDone || (missed !== null && beganAt - missed > MINDED_MS);
      if (isOver && missedAt === missed) missedAt = null;
    } catch (error) {
      failedAt = performance.now();
      if (!isClosed) onFault(error);
    }
  }

  /** One after the other: a check that is under way began too early to tell of what happened since. */
  function inTurn(restMs: () => number | null): Promise<void> {
    const turn = (underWay ?? Promise.resolve()).then(async () => {
      const rest = isClosed ? null : restMs();
      if (rest !== null) await attempt(rest);
    });
    underWay = turn;
    return turn;
  }

  /** How long others must have rested for it to be our turn; null: it is none. */
  function dueRest(): number | null {
    const now = performance.now();
    if (!canCheck() || (failedAt !== null && now - failedAt < REST_AFTER_FAULT_MS)) return null;
    if (missedAt !== null) return now - missedAt + NOTICED_WITHIN_MS;
    const everyMs = options.everyMs();
    return doneAt !== null && now - doneAt < everyMs ? null : everyMs;
  }

  function look(): void {
    void inTurn(dueRest).finally(() => {
      if (!isClosed) timer = setTimeout(look, LOOK_EVERY_MS * (0.9 + Math.random() / 5));
    });
  }

  function soon(): void {
    if (isClosed) return;
    missedAt = performance.now();
    failedAt = null;
    soonTimer ??= setTimeout(() => {
      soonTimer = undefined;
      void inTurn(dueRest);
    }, Math.random() * SPREAD_MS);
  }

  return {
    start() {
      // Of a manager that was away everything may have been missed.
      missedAt = performance.now();
      look();
    },
    soon,
    now: () => inTurn(() => 0),
    close() {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(soonTimer);
    },
  };
}

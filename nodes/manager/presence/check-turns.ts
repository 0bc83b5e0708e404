import type { Schedule } from '../cluster/recurring-tasks.js';

/** Schedules the checks of presence among several managers. */
export interface CheckTurns {
  /** Begins at once, and goes on by itself. */
  start(): void;
  /**
   * A check, soon, but not in all managers at once. `lost`: what this manager should have been told was not, so that a check
   * that began before this moment does not count. `seen`: something that each manager sees, some seconds apart.
   */
  soon(cause: CheckCause): void;
  close(): void;
}

export type CheckCause = 'lost' | 'seen';

export interface CheckTurnsOptions {
  schedule: Schedule;
  /** The interval between two checks by any manager, ms; read each time. */
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
/** Managers wait a random part of this time, ms, so that one of them checks what all of them noticed. */
const SPREAD_MS = 1000;
/** So long a manager comes back to what it noticed, and finds whether the other one that took the turn gave it back, ms. */
const MINDED_MS = 60_000;
/**
 * A check that another manager began so long before something was seen here counts all the same: it saw it earlier, or will
 * see it by itself, and its own turns are never refused.
 */
const SEEN_WITHIN_MS = LOOK_EVERY_MS;
/** What is missed again and again, as over a connection that comes and goes, is checked no more often; ms. */
const PAUSE_MS = 5000;

export function createCheckTurns(options: CheckTurnsOptions): CheckTurns {
  const { schedule, canCheck, check, onFault } = options;
  let timer: NodeJS.Timeout | undefined;
  let soonTimer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let underWay = Promise.resolve();
  let begunAt = Number.NEGATIVE_INFINITY;
  let doneAt: number | null = null;
  let failedAt: number | null = null;
  /** Something was noticed that no check has looked into yet; one that began before `since` does not. */
  let missed: { at: number; since: number } | null = null;

  async function attempt(restMs: number): Promise<void> {
    const beganAt = performance.now();
    const wanted = missed;
    try {
      const isDone = await schedule.attempt(TASK, Math.ceil(restMs), () => {
        begunAt = performance.now();
        return check();
      });
      failedAt = null;
      if (isDone) doneAt = beganAt;
      // The manager that has the turn may fail and give it back. Requests in the meantime are for the next check.
      const isOver = isDone || (wanted !== null && beganAt - wanted.at > MINDED_MS);
      if (isOver && missed === wanted) missed = null;
    } catch (error) {
      failedAt = performance.now();
      if (!isClosed) onFault(error);
    }
  }

  /** One after the other: a check in progress began too early to include later events. */
  function inTurn(): Promise<void> {
    underWay = underWay.then(async () => {
      const restMs = isClosed ? null : dueRest();
      if (restMs !== null) await attempt(restMs);
    });
    return underWay;
  }

  /** How long others must have rested for it to be our turn; null: it is none. */
  function dueRest(): number | null {
    const now = performance.now();
    if (!canCheck() || (failedAt !== null && now - failedAt < REST_AFTER_FAULT_MS)) return null;
    if (missed !== null) return now - missed.since;
    const everyMs = options.everyMs();
    return doneAt !== null && now - doneAt < everyMs ? null : everyMs;
  }

  function look(): void {
    void inTurn().finally(() => {
      if (!isClosed) timer = setTimeout(look, LOOK_EVERY_MS * (0.9 + Math.random() / 5));
    });
  }

  function note(cause: CheckCause): void {
    const at = performance.now();
    const since = cause === 'lost' ? at : at - SEEN_WITHIN_MS;
    missed = { at, since: Math.max(since, missed?.since ?? since) };
    failedAt = null;
  }

  function soon(cause: CheckCause): void {
    if (isClosed) return;
    note(cause);
    const pauseMs = begunAt + PAUSE_MS - performance.now();
    soonTimer ??= setTimeout(
      () => {
        soonTimer = undefined;
        void inTurn();
      },
      Math.max(pauseMs, Math.random() * SPREAD_MS),
    );
  }

  return {
    start() {
      // Of a manager that was away everything may have been missed.
      note('lost');
      look();
    },
    soon,
    close() {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(soonTimer);
    },
  };
}

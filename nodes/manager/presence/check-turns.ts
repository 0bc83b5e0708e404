import type { Schedule } from '../cluster/recurring-tasks.js';

/** Shares the checks of presence among several managers, so that one of them does each check for all. */
export interface CheckTurns {
  /** Requests the first check at once, then checks at intervals until close. */
  start(): void;
  /**
   * Requests a check in a moment, by one of the managers. `lost`: this manager lost events, so a check that began before now
   * does not count. `seen`: this manager noticed something that all managers notice, within some seconds of each other.
   */
  soon(cause: CheckCause): void;
  close(): void;
}

export type CheckCause = 'lost' | 'seen';

export interface CheckTurnsOptions {
  schedule: Schedule;
  /** The interval between two checks by any manager, ms. It is called each time, since the interval may change. */
  everyMs(): number;
  /** False while a check could only fail; then this manager leaves the turn to the others. */
  canCheck(): boolean;
  check(): Promise<unknown>;
  onFault(error: unknown): void;
}

const TASK = 'presence';
/** How often each manager tries to take the turn, ms. So a turn that another manager gave back is taken within this time. */
const LOOK_EVERY_MS = 15_000;
/** After its own check failed, a manager leaves the turn to the others for this time, ms. */
const REST_AFTER_FAULT_MS = 30_000;
/** Each manager waits a random part of this time, ms, so that the first one checks what all of them noticed. */
const SPREAD_MS = 1000;
/**
 * When another manager has the turn, this manager tries again for this time, ms, in case the other one fails and gives it back.
 */
const MINDED_MS = 60_000;
/**
 * A check that another manager began at most this long before something was seen here counts all the same, ms. That manager has
 * seen it earlier, or will see it too, and can always take its own turn again.
 */
const SEEN_WITHIN_MS = LOOK_EVERY_MS;
/** The least time between the starts of two requested checks, ms: a connection that comes and goes requests very many. */
const PAUSE_MS = 5000;

/** Creates the turns of this manager. Checks that fail go to `onFault`, and the turn goes back to the other managers. */
export function createCheckTurns(options: CheckTurnsOptions): CheckTurns {
  const { schedule, canCheck, check, onFault } = options;
  let timer: NodeJS.Timeout | undefined;
  let soonTimer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let underWay = Promise.resolve();
  let begunAt = Number.NEGATIVE_INFINITY;
  let doneAt: number | null = null;
  let failedAt: number | null = null;
  /** What was noticed at `at` and still needs a check. A check that began before `since` does not count. */
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
      // Without a turn, keep the request for a while: the manager that has the turn may fail. Requests made during the check
      // have replaced `missed`, and are for the next check.
      const isOver = isDone || (wanted !== null && beganAt - wanted.at > MINDED_MS);
      if (isOver && missed === wanted) missed = null;
    } catch (error) {
      failedAt = performance.now();
      if (!isClosed) onFault(error);
    }
  }

  /** Runs attempts one after the other. A request during a check needs a new one, since that check began too early. */
  function inTurn(): Promise<void> {
    underWay = underWay.then(async () => {
      const restMs = isClosed ? null : dueRest();
      if (restMs !== null) await attempt(restMs);
    });
    return underWay;
  }

  /** The time, ms, for which no other manager may have begun a check if this one is to check now; null: no check is due. */
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
      // This manager may have lost any event while it did not run.
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

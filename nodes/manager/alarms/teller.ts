import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Database } from '../database/database.js';
import { backoffMs } from '../shared/backoff.js';
import { createEnding } from '../shared/ending.js';
import { within } from '../shared/timeout.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { unlessClosed } from '../shared/unless-closed.js';
import type { Alarms, AlarmTelling } from './alarm.js';
import { renewing } from './renewing.js';
import { beginTelling, noteTold, untold } from './store/news.js';
import type { AlarmTiming } from './timing.js';

export interface TellerOptions {
  database: Database;
  schedule: Schedule;
  timing: AlarmTiming;
  onFault(text: string): void;
}

/** Tells people, through this manager's tellers, while it is the one of all managers that tells. */
export interface Teller {
  tell: Alarms['tell'];
  /** There may be something to tell. */
  wake(): void;
  /** Waits for what is written; a telling under way is told again by another manager. */
  close(): Promise<void>;
}

type Tell = (telling: AlarmTelling) => Promise<void>;

const TASK = 'alarm-news';
const AT_ONCE = 50;
const AGAIN = { firstMs: 1000, longestMs: 60_000 };

export function createTeller({ database, schedule, timing, onFault }: TellerOptions): Teller {
  const closing = createEnding();
  const { signal } = closing;
  const tellers = new Set<Tell>();
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> | null = null;
  let isWoken = false;
  let failures = 0;
  let hadTurn = false;

  function later(ms: number): void {
    if (signal.aborted || tellers.size === 0) return;
    const at = performance.now() + ms;
    if (at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => {
      timerAt = Number.POSITIVE_INFINITY;
      running ??= round().finally(() => {
        running = null;
        // After a fault, news are no reason to hurry.
        later(failures > 0 ? backoffMs(failures - 1, AGAIN) : isWoken ? 0 : timing.tellMs);
      });
    }, ms);
    timer.unref();
  }

  async function round(): Promise<void> {
    isWoken = false;
    try {
      if (await schedule.attempt(TASK, timing.tellTurnMs, tellAll)) hadTurn = true;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      onFault(`Alarms could not be told, retrying: ${messageOf(error)}`);
    }
  }

  async function tellAll(isOurs: () => Promise<boolean>): Promise<void> {
    const isStillOurs = renewing(isOurs, timing.tellTurnMs / 3);
    await beginTelling(database);
    while (true) {
      const next = await untold(database, AT_ONCE);
      for (const telling of next) {
        // What was told by somebody else meanwhile is not told again.
        if (signal.aborted || tellers.size === 0 || !(await isStillOurs())) return;
        await tellOne(telling);
        await noteTold(database, telling.id);
      }
      if (next.length < AT_ONCE) return;
    }
  }

  async function tellOne(telling: AlarmTelling): Promise<void> {
    const told = Promise.all([...tellers].map((tell) => tell(telling)));
    const inTime = within(timing.tellWithinMs, told, () => {
      throw new TpeError('TIMED_OUT', `Nobody has taken it within ${timing.tellWithinMs / 1000} s.`);
    });
    await unlessClosed(signal, inTime);
  }

  return {
    tell(teller) {
      // The same function may be given twice.
      const tell: Tell = async (telling) => await teller(telling);
      tellers.add(tell);
      later(0);
      return () => {
        tellers.delete(tell);
      };
    },
    wake() {
      isWoken = true;
      if (running === null && failures === 0) later(0);
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await running;
      // The next one need not wait until the turn is over.
      if (hadTurn) await schedule.attempt(TASK, timing.tellTurnMs, giveBack).catch(() => undefined);
    },
  };
}

function giveBack(): Promise<never> {
  return Promise.reject(new TpeError('CLOSED', 'The device manager is closing.'));
}

import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Database } from '../database/database.js';
import { createEnding } from '../shared/ending.js';
import { messageOf } from '../shared/tpe-error.js';
import type { AlarmEngine, AlarmHappening, AlarmNews } from './alarm.js';
import type { ConditionSource, LookContext } from './condition.js';
import { createLooks } from './looks.js';
import { renewing } from './renewing.js';
import { actOnAlarms } from './store/acts.js';
import { toAlarm } from './store/alarm-row.js';
import { createAlarmStore } from './store/create-alarm-store.js';
import { clearOwn, raiseOwn } from './store/own.js';
import { countAlarms, listAlarms, readAlarms, worstAlarms } from './store/reads.js';
import { listRules, removeRule, setRule } from './store/rules.js';
import { createTeller } from './teller.js';
import type { AlarmTiming } from './timing.js';

export interface AlarmsOptions {
  database: Database;
  schedule: Schedule;
  sources: readonly ConditionSource[];
  timing: AlarmTiming;
  /** What all sources know at a look that begins now. */
  context(): Promise<LookContext>;
  /** Something happened to an alarm; `isOwn`: by this manager, and the others are to be told. */
  onNews(news: AlarmNews, isOwn: boolean): void;
  /** Rules were changed; `isOwn` as above. */
  onRules(isOwn: boolean): void;
  onFault(text: string): void;
}

/** In a cluster message, that rules were changed. */
export const RULES_CHANGED = 'rules';
/** The most alarms that are read in one statement. */
const READ_AT_ONCE = 500;
const HAPPENINGS: ReadonlySet<string> = new Set<AlarmHappening>(['raised', 'cleared', 'reminder', 'changed']);

/** Creates the engine of alarms on a migrated database with its rules (`seedRules`). It looks at nothing before `start`. */
export function createAlarms(options: AlarmsOptions): AlarmEngine {
  const { database } = options;
  const closing = createEnding();
  const { signal } = closing;
  const teller = createTeller(options);
  const looks = createLooks({
    ...options,
    signal,
    store: createAlarmStore(database),
    rules: () => listRules(database),
    onNews: tell,
  });
  const loop = createLoop({ ...options, signal, round: looks });

  function tell(news: readonly AlarmNews[]): void {
    for (const each of news) options.onNews(each, true);
    if (news.length > 0) teller.wake();
  }

  return {
    list: (query) => listAlarms(database, query),
    worst: (limit) => worstAlarms(database, limit),
    get: async (id) => (await readAlarms(database, [id]))[0] ?? null,
    counts: () => countAlarms(database),
    async act(act, by) {
      const alarms = await actOnAlarms(database, act, by);
      tell(alarms.map((alarm) => ({ what: 'changed', alarm })));
      return alarms;
    },
    async raise(own) {
      const { row, news } = await raiseOwn(database, own);
      if (news !== null) tell([news]);
      return toAlarm(row);
    },
    async clear(own, by) {
      const news = await clearOwn(database, own, by);
      if (news !== null) tell([news]);
      return news?.alarm ?? null;
    },
    rules: () => listRules(database),
    async setRule(given, by) {
      const { rule, news } = await setRule(database, given, by);
      options.onRules(true);
      tell(news);
      loop.wake();
      return rule;
    },
    async removeRule(id, by) {
      const news = await removeRule(database, id, by);
      options.onRules(true);
      tell(news);
    },
    tell: teller.tell,
    start: loop.start,
    look: loop.look,
    wake: loop.wake,
    async changedElsewhere(items) {
      if (items.some(([, what]) => what === RULES_CHANGED)) {
        options.onRules(false);
        loop.wake();
      }
      const happened = items.flatMap(([id, what]) =>
        id !== null && what !== null && HAPPENINGS.has(what) ? [{ id, what: what as AlarmHappening }] : [],
      );
      teller.wake();
      for (let begin = 0; begin < happened.length; begin += READ_AT_ONCE) {
        const some = happened.slice(begin, begin + READ_AT_ONCE);
        const read = await readAlarms(database, [...new Set(some.map(({ id }) => id))]);
        const alarms = new Map(read.map((alarm) => [alarm.id, alarm]));
        for (const { id, what } of some)
          if (alarms.has(id)) options.onNews({ what, alarm: alarms.get(id)! }, false);
      }
    },
    async close() {
      closing.abort();
      await Promise.all([loop.close(), teller.close()]);
    },
  };
}

interface LoopOptions extends Pick<AlarmsOptions, 'schedule' | 'timing' | 'onFault'> {
  signal: AbortSignal;
  /** Looks, and resolves with whether something is open or happened. */
  round(isOurs: () => Promise<boolean>): Promise<boolean>;
}

const TASK = 'alarms';

/** Has one of all managers look again and again: this one, while it has the turn. */
function createLoop({ schedule, timing, signal, round, onFault }: LoopOptions) {
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> | null = null;
  let isStarted = false;
  let isWoken = false;
  let isBusy = false;
  let isFailing = false;
  let lookedAt = Number.NEGATIVE_INFINITY;

  function later(ms: number): void {
    if (!isStarted || signal.aborted) return;
    const at = performance.now() + ms;
    if (at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => void begin(), ms);
    timer.unref();
  }

  /** One look at a time; who asks during one gets the next. */
  function begin(): Promise<void> {
    clearTimeout(timer);
    timerAt = Number.POSITIVE_INFINITY;
    const before = running;
    const next = (async () => {
      await before;
      await look();
    })();
    running = next;
    return next.then(() => {
      if (running !== next) return;
      running = null;
      later(isBusy || isWoken ? timing.busyMs : timing.restMs);
    });
  }

  async function look(): Promise<void> {
    if (signal.aborted) return;
    isWoken = false;
    lookedAt = performance.now();
    try {
      let isOpen = false;
      await schedule.attempt(TASK, timing.turnMs, async (isOurs) => {
        isOpen = await round(renewing(isOurs, timing.turnMs / 3));
      });
      isBusy = isOpen;
      isFailing = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!isFailing) onFault(`Alarms could not be looked for, retrying: ${messageOf(error)}`);
      isFailing = true;
    }
  }

  return {
    start() {
      isStarted = true;
      later(0);
    },
    look: begin,
    wake() {
      isWoken = true;
      if (running === null) later(Math.max(timing.gatherMs, lookedAt + timing.busyMs - performance.now()));
    },
    async close() {
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
  };
}

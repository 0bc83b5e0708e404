import { EventEmitter } from 'node:events';
import type { Alarm, AlarmEngine, AlarmNews } from '../../../nodes/manager/alarms/alarm.js';
import { ALARM_KINDS, type AlarmRule, type RuleKind } from '../../../nodes/manager/alarms/alarm-rule.js';
import type { Condition, ConditionSource, Standing } from '../../../nodes/manager/alarms/condition.js';
import { createAlarms } from '../../../nodes/manager/alarms/create-alarms.js';
import { ALARM_TIMING, type AlarmTiming } from '../../../nodes/manager/alarms/timing.js';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { wordsOfOthers } from '../../../nodes/manager/shared/reason.js';

/** An engine of alarms, and all that it has told. */
export interface AlarmRig {
  alarms: AlarmEngine;
  news: AlarmNews[];
  /** What is told to other managers. */
  broadcasts: [string | null, string][];
  faults: string[];
  /** How often rules were said to have changed. */
  rules: number;
  /** Resolves with the next news, or one from before, that the condition holds for. */
  told(isIt: (news: AlarmNews) => boolean): Promise<AlarmNews>;
  /** Resolves when there was a fault with these words. */
  failed(words: string): Promise<void>;
}

/** Opens the engine on a database; `instance` is the name of its manager. Nothing happens before it is told to look. */
export function openAlarms(
  database: Database,
  sources: readonly ConditionSource[] = [],
  instance = 'one',
  timing: Partial<AlarmTiming> = {},
): AlarmRig {
  const happened = new EventEmitter();
  happened.setMaxListeners(0);
  const rig: AlarmRig = {
    news: [],
    broadcasts: [],
    faults: [],
    rules: 0,
    told: (isIt) => until(happened, () => rig.news.find(isIt)),
    failed: async (words) => {
      await until(happened, () => rig.faults.find((fault) => fault.includes(words)));
    },
    alarms: createAlarms({
      database,
      schedule: createSchedule(database, instance),
      sources,
      timing: { ...ALARM_TIMING, ...timing },
      async context() {
        const [clock] = await database.query<{ now: Date }>('select now() as now');
        return { database, now: clock!.now, presenceSince: null };
      },
      onNews(news, isOwn) {
        rig.news.push(news);
        if (isOwn) rig.broadcasts.push([news.alarm.id, news.what]);
        happened.emit('happened');
      },
      onRules(isOwn) {
        rig.rules += 1;
        if (isOwn) rig.broadcasts.push([null, 'rules']);
      },
      onFault(text) {
        rig.faults.push(text);
        happened.emit('happened');
      },
    }),
  };
  return rig;
}

function until<Found>(happened: EventEmitter, find: () => Found | undefined): Promise<Found> {
  return new Promise((resolve) => {
    const look = () => {
      const found = find();
      if (found === undefined) return;
      happened.off('happened', look);
      resolve(found);
    };
    happened.on('happened', look);
    look();
  });
}

/** A source in memory, of which a test says what is wrong. */
export interface TestSource extends ConditionSource {
  /** What is wrong now, in any order. */
  wrong: Condition[];
  /** How open alarms stand; default: bad while they are in `wrong`, else good. */
  standing: ((key: string) => Standing) | null;
  /** What every look fails with; null: it works. */
  fault: Error | null;
}

/** Creates a source of a kind. */
export function testSource(kind: RuleKind): TestSource {
  const nameOf = (clientid: string | null, key: string) => `${clientid ?? ''} ${key}`;
  const source: TestSource = {
    kind,
    wrong: [],
    standing: null,
    fault: null,
    async due({ database }, rule, limit) {
      if (source.fault !== null) throw source.fault;
      const open = await database.query<{ clientid: string | null; key: string }>(
        'select clientid, key from tpe_alarm where rule = $1 and cleared_at is null',
        [rule.id],
      );
      const known = new Set(open.map(({ clientid, key }) => nameOf(clientid, key)));
      return source.wrong.filter(({ clientid, key }) => !known.has(nameOf(clientid, key))).slice(0, limit);
    },
    async standings(_context, _rule, open) {
      const wrong = new Map(source.wrong.map((one) => [nameOf(one.clientid, one.key), one]));
      return open.map(({ clientid, key }) => {
        if (source.standing !== null) return source.standing(key);
        const one = wrong.get(nameOf(clientid, key));
        return one ? { is: 'bad', reason: one.reason, gateways: one.gateways } : { is: 'good' };
      });
    },
  };
  return source;
}

/** Something that is wrong with a gateway, or with none. */
export function condition(clientid: string | null, more: Partial<Condition> = {}): Condition {
  return {
    clientid,
    key: '',
    site: null,
    since: new Date('2026-01-01T00:00:00.000Z'),
    reason: wordsOfOthers('it is so'),
    advice: wordsOfOthers('look at it'),
    gateways: clientid === null ? 0 : 1,
    ...more,
  };
}

/** The rule of a kind as it comes with the pack. */
export function builtInRule(kind: RuleKind, more: Partial<AlarmRule> = {}): AlarmRule {
  return {
    ...{ id: kind, kind, name: '', enabled: true, ...ALARM_KINDS[kind].builtIn, repeatSeconds: null },
    ...{ filter: null, isBuiltIn: true, setBy: null, setAt: null },
    ...more,
  };
}

/** Registers gateways. */
export async function registerGateways(
  database: Database,
  gateways: readonly { clientid: string; site?: string; model?: string; tags?: string[] }[],
): Promise<void> {
  for (const { clientid, site = '', model = null, tags = [] } of gateways)
    await database.query(
      'insert into clientid_profile (clientid, site, model_name, tags) values ($1, $2, $3, $4)',
      [clientid, site, model, tags],
    );
}

/** Has all that is known of alarms be older by so many seconds, as if that time had passed. */
export async function letPass(database: Database, seconds: number): Promise<void> {
  const back = 'make_interval(secs => $1)';
  await database.query(
    `update tpe_alarm set since = since - ${back}, raised_at = raised_at - ${back}, good_since = good_since - ${back},
       shelved_until = shelved_until - ${back}, reminded_at = reminded_at - ${back}`,
    [seconds],
  );
}

/** What happened, and to which alarm. */
export function told(news: readonly AlarmNews[]): string[] {
  return news.map(({ what, alarm }) => `${what} ${nameOf(alarm)}`);
}

function nameOf({ rule, clientid, key }: Alarm): string {
  return [rule, clientid, key].filter((part) => part !== null && part !== '').join(' ');
}

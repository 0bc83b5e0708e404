import { DEAD_AFTER_S } from '../../cluster/heartbeat.js';
import type { Row } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { Condition, ConditionSource, LookContext } from '../condition.js';
import { dueBefore, type Statement, statement } from './statement.js';

/** Since when no device manager reaches the broker, and why. */
export interface BrokerAway {
  since: Date;
  why: Reason;
}

/** A time in which this manager could not reach the database. */
export interface DatabaseGap {
  from: Date;
  to: Date;
}

/** SQL of the time before which a manager must have been heard of last, however short the rule's delay is. */
function deadBefore(now: Date, rule: AlarmRule, given: Statement): string {
  return `least(${dueBefore(now, rule, given)}, ${given.add(now)}::timestamptz - interval '${DEAD_AFTER_S} seconds')`;
}

const NO_GATEWAYS = { clientid: null, site: null, gateways: 0 } as const;

/** The broker cannot be reached, as `brokerAway` says; null: it can. */
export function brokerAwaySource(brokerAway: () => BrokerAway | null): ConditionSource {
  const reasonOf = ({ since, why }: BrokerAway) =>
    alarmReason('alarm-broker-away', { since: since.toISOString(), why });
  return {
    kind: 'broker-away',
    async due({ database, now }, rule) {
      const away = brokerAway();
      if (away === null || now.getTime() - away.since.getTime() < rule.delaySeconds * 1000) return [];
      if (await isTold(database, rule.id, '', null)) return [];
      const advice = alarmReason('alarm-do-broker');
      return [{ ...NO_GATEWAYS, key: '', since: away.since, reason: reasonOf(away), advice }];
    },
    standings(_context, _rule, open) {
      return Promise.resolve(open.map(() => ({ is: brokerAway() === null ? 'good' : 'bad' })));
    },
  };
}

/**
 * The database could not be reached: nothing can be written then, so it is told of when it is back, and good at once. `databaseGap` is the last time
 * that this manager could not reach it, null: never.
 */
export function databaseAwaySource(databaseGap: () => DatabaseGap | null): ConditionSource {
  return {
    kind: 'database-away',
    async due({ database }, rule) {
      const gap = databaseGap();
      if (gap === null) return [];
      const seconds = Math.round((gap.to.getTime() - gap.from.getTime()) / 1000);
      // Each manager remembers it, and one tells.
      if (seconds < rule.delaySeconds || (await isTold(database, rule.id, '', gap.from))) return [];
      const reason = alarmReason('alarm-database-was-away', { seconds, since: gap.from.toISOString() });
      return [{ ...NO_GATEWAYS, key: '', since: gap.from, reason, advice: alarmReason('alarm-do-database') }];
    },
    standings: (_context, _rule, open) => Promise.resolve(open.map(() => ({ is: 'good' }))),
  };
}

/** Whether an alarm of the system is open, or was still open at `from`. */
async function isTold(
  database: LookContext['database'],
  rule: string,
  key: string,
  from: Date | null,
): Promise<boolean> {
  const rows = await database.query(
    `select from tpe_alarm where clientid is null and key = $2 and rule = $1
      and (cleared_at is null or cleared_at >= $3::timestamptz) limit 1`,
    [rule, key, from],
  );
  return rows.length > 0;
}

interface InstanceRow extends Row {
  instance: string;
  seen_at: Date;
}

/** Without such a break, a manager has looked all the time, so the others could have told that they live. */
const BREAK_MS = 60_000;
/** How long it looks before it says that another one is dead. */
const PATIENCE_MS = 60_000;

/** Other managers that have died. One that was closed takes its name out of the list. */
export function instanceDeadSource(): ConditionSource {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let lookingSince = Number.POSITIVE_INFINITY;

  /** How long this manager has looked without a break, ms: after one of the database, the others are heard of some seconds later. */
  function hasLookedFor(now: number): number {
    if (now - lookedAt > BREAK_MS || now < lookedAt) lookingSince = now;
    lookedAt = now;
    return now - lookingSince;
  }

  return {
    kind: 'instance-dead',
    async due({ database, now }, rule, limit) {
      if (hasLookedFor(now.getTime()) < PATIENCE_MS) return [];
      const given = statement();
      const sql = `
        select dead.instance, dead.seen_at from tpe_instance dead
        where dead.seen_at <= ${deadBefore(now, rule, given)}
          and not exists (select from tpe_alarm told where told.rule = ${given.add(rule.id)} and coalesce(told.clientid, '') = ''
            and told.key = dead.instance and told.cleared_at is null)
        order by dead.seen_at limit ${given.add(limit)}`;
      return (await database.query<InstanceRow>(sql, given.values)).map(instanceDead);
    },
    async standings({ database, now }, rule, open) {
      const given = statement();
      const sql = `select instance from tpe_instance where instance = any(${given.add(open.map(({ key }) => key))}::text[])
        and seen_at <= ${deadBefore(now, rule, given)}`;
      const rows = await database.query<{ instance: string }>(sql, given.values);
      const dead = new Set(rows.map(({ instance }) => instance));
      return open.map(({ key }) => ({ is: dead.has(key) ? 'bad' : 'good' }));
    },
  };
}

function instanceDead({ instance, seen_at: since }: InstanceRow): Condition {
  const reason = alarmReason('alarm-instance-dead', { instance, since: since.toISOString() });
  return { ...NO_GATEWAYS, key: instance, since, reason, advice: alarmReason('alarm-do-instance') };
}

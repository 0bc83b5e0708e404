import type { Reason } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { ConditionSource, LookContext } from '../condition.js';
import { gatewaySource } from './gateway-source.js';
import type { Statement } from './statement.js';
import { isBad, isNotGood } from './threshold.js';

interface Reading {
  /** Null: it could not be read the last time. */
  value: number | null;
}

/** A value that was read longer ago says nothing of today, days. */
const DAYS_OLD = 3;

interface ReadingKind {
  kind: 'clock-off' | 'disk-full';
  what: 'clock' | 'disk';
  reason(value: number): Reason;
  many(count: number): Reason;
  advice: Reason;
}

function readingSource({ kind, what, reason, many, advice }: ReadingKind): ConditionSource {
  const columns = `reading.clientid, reading.read_at as since, jsonb_build_object('value', reading.value) as facts`;
  const value = 'abs(reading.value)';
  // The rule's own words stand in the statement, so that the index of each value is used.
  const from = `from tpe_reading reading where reading.what = '${what}'`;

  function bad({ now }: LookContext, rule: AlarmRule, { add }: Statement): string {
    const fresh = add(new Date(now.getTime() - DAYS_OLD * 86_400_000));
    return `select ${columns} ${from} and ${isBad(rule, value, add)} and reading.read_at > ${fresh}::timestamptz`;
  }

  return gatewaySource<Reading>({
    kind,
    needsPresence: false,
    bad,
    still: (_context, rule, { add }, clientids) => `
      select ${columns} ${from} and reading.clientid = any(${clientids}) and (reading.value is null or ${isNotGood(rule, value, add)})`,
    saysNothing: (facts) => facts.value === null,
    tell: ({ facts }) => ({ reason: reason(facts.value ?? 0), advice }),
    tellMany: (count) => ({ reason: many(count), advice }),
  });
}

/** Gateways whose clock is wrong. */
export const clockOff = readingSource({
  kind: 'clock-off',
  what: 'clock',
  reason: (value) =>
    alarmReason(value > 0 ? 'alarm-clock-ahead' : 'alarm-clock-behind', {
      seconds: Math.round(Math.abs(value)),
    }),
  many: (count) => alarmReason('alarm-many-clocks', { count }),
  advice: alarmReason('alarm-do-clock'),
});

/** Gateways whose disk is nearly full. */
export const diskFull = readingSource({
  kind: 'disk-full',
  what: 'disk',
  reason: (value) => alarmReason('alarm-disk-full', { percent: Math.floor(value) }),
  many: (count) => alarmReason('alarm-many-disks', { count }),
  advice: alarmReason('alarm-do-disk'),
});

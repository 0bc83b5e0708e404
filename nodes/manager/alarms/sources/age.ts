import { alarmReason } from '../alarm-reasons.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { ConditionSource, LookContext } from '../condition.js';
import { gatewaySource } from './gateway-source.js';
import type { Statement } from './statement.js';
import { thresholdOf } from './threshold.js';

interface Old {
  /** Since when, in ms. */
  from: number;
}

const DAY_MS = 86_400_000;

/** SQL of the time that is so many days ago as the rule says. */
function longAgo({ now }: LookContext, rule: AlarmRule, { add }: Statement): string {
  return `${add(new Date(now.getTime() - thresholdOf(rule) * DAY_MS))}::timestamptz`;
}

/** SQL of rows of a table whose time in `from` is that long ago. */
function oldRows(context: LookContext, rule: AlarmRule, given: Statement, of: string, from: string): string {
  return `
    select clientid, ${from} + make_interval(days => ${given.add(thresholdOf(rule))}::integer) as since,
      jsonb_build_object('from', floor(extract(epoch from ${from}) * 1000)) as facts
    from ${of} where ${from} <= ${longAgo(context, rule, given)}`;
}

function days({ now }: LookContext, { from }: Old): number {
  return Math.floor((now.getTime() - from) / DAY_MS);
}

const CREDENTIAL = ['mqtt_user', 'credential_changed_at'] as const;

/** Gateways whose password is old. Of a password from before it was noted nobody knows. */
export const credentialOld: ConditionSource = gatewaySource<Old>({
  kind: 'credential-old',
  needsPresence: false,
  bad: (context, rule, given) => oldRows(context, rule, given, ...CREDENTIAL),
  still: (context, rule, given, clientids) =>
    `${oldRows(context, rule, given, ...CREDENTIAL)} and clientid = any(${clientids})`,
  tell: ({ facts }, context) => ({
    reason: alarmReason('alarm-credential-old', { days: days(context, facts) }),
    advice: alarmReason('alarm-do-credential'),
  }),
  tellMany: (count, rule) => ({
    reason: alarmReason('alarm-many-credentials', { count, days: thresholdOf(rule) }),
    advice: alarmReason('alarm-do-credential'),
  }),
});

const UPDATE = ['(select * from tpe_update where has_update) found', 'update_since'] as const;

/** Gateways for which there has been newer software for long. */
export const updateAvailable: ConditionSource = gatewaySource<Old>({
  kind: 'update-available',
  needsPresence: false,
  bad: (context, rule, given) => oldRows(context, rule, given, ...UPDATE),
  still: (context, rule, given, clientids) =>
    `${oldRows(context, rule, given, ...UPDATE)} and clientid = any(${clientids})`,
  tell: ({ facts }, context) => ({
    reason: alarmReason('alarm-update-available', { days: days(context, facts) }),
    advice: alarmReason('alarm-do-update'),
  }),
  tellMany: (count, rule) => ({
    reason: alarmReason('alarm-many-updates', { count, days: thresholdOf(rule) }),
    advice: alarmReason('alarm-do-update'),
  }),
});

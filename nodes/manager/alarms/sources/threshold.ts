import { ALARM_KINDS, type AlarmRule } from '../alarm-rule.js';

/** The threshold of a rule; that of the kind where the rule has none. */
export function thresholdOf(rule: AlarmRule): number {
  return rule.threshold ?? ALARM_KINDS[rule.kind].builtIn.threshold ?? 1;
}

/** SQL: the value is so bad that an alarm is raised. `add` adds a value to the statement. */
export function isBad(rule: AlarmRule, value: string, add: (value: unknown) => string): string {
  const how = ALARM_KINDS[rule.kind].isWorseAbove ? '>=' : '<=';
  return `${value} ${how} ${add(thresholdOf(rule))}::double precision`;
}

/** SQL: the value is not good enough yet for the alarm to be cleared. */
export function isNotGood(rule: AlarmRule, value: string, add: (value: unknown) => string): string {
  const bad = isBad(rule, value, add);
  if (rule.clearThreshold === null) return bad;
  const how = ALARM_KINDS[rule.kind].isWorseAbove ? '>' : '<';
  return `(${bad} or ${value} ${how} ${add(rule.clearThreshold)}::double precision)`;
}

import { conditionsOf } from '../../registry/filter-conditions.js';
import type { AlarmRule } from '../alarm-rule.js';

/** The values of a statement that is being written. */
export interface Statement {
  readonly values: unknown[];
  /** Adds a value and returns its `$n`. */
  add(value: unknown): string;
}

/** Begins a statement. */
export function statement(): Statement {
  const values: unknown[] = [];
  return {
    values,
    add(value) {
      values.push(value);
      return `$${values.length}`;
    },
  };
}

/**
 * SQL: the gateway, of clientid_profile under the alias `device`, is one that the rule is for, and its login is accepted: of one that a person
 * has disabled nobody wants to hear.
 */
export function isWatched(rule: AlarmRule, { values }: Statement): string {
  const { parts } = conditionsOf({ ...rule.filter, enabled: true }, values);
  return parts.join(' and ');
}

/** SQL: no alarm of the rule is open for the gateway, under the alias `device`. */
export function hasNoneOpen(rule: AlarmRule, { add }: Statement): string {
  return `not exists (select from tpe_alarm known where known.rule = ${add(rule.id)}
    and coalesce(known.clientid, '') = device.clientid and known.key = '' and known.cleared_at is null)`;
}

/** SQL of the time since when something must be so to be told. */
export function dueBefore(now: Date, rule: AlarmRule, { add }: Statement): string {
  return `${add(new Date(now.getTime() - rule.delaySeconds * 1000))}::timestamptz`;
}

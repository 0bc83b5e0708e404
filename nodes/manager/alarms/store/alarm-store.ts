import type { Reason } from '../../shared/reason.js';
import type { AlarmNews } from '../alarm.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { Condition, OpenAlarm } from '../condition.js';

/** What the engine writes of alarms. Each change and what is to be told of it are one transaction. */
export interface AlarmStore {
  /** Raises an alarm for each condition that has none open, in one statement; resolves with the news of those that were raised. */
  raise(rule: AlarmRule, conditions: readonly Condition[]): Promise<AlarmNews[]>;
  /** Open alarms of a rule, by id, behind `after`. */
  openOf(ruleId: string, after: string, limit: number): Promise<OpenAlarm[]>;
  /**
   * Notes that these were found bad (with a new reason or number of gateways, if given) or good now. Those that have been good for as long as
   * the rule says are cleared.
   */
  stand(
    rule: AlarmRule,
    standings: readonly { id: string; isGood: boolean; reason?: Reason; gateways?: number }[],
  ): Promise<AlarmNews[]>;
  /** Clears open alarms of rules that are turned off or gone, and of gateways that were retired or no longer match the filter of the rule; `limit` at most. */
  clearOrphans(limit: number): Promise<AlarmNews[]>;
  /** Ends shelves that are over, and finds alarms that are to be reminded of. */
  remind(): Promise<AlarmNews[]>;
}

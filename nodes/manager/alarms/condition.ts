import type { Database } from '../database/database.js';
import type { Reason } from '../shared/reason.js';
import type { AlarmRule, RuleKind } from './alarm-rule.js';

/** Something that is wrong now, of which a rule makes an alarm. */
export interface Condition {
  /** Null for a site, a job or the system. */
  clientid: string | null;
  /** What else it is of; else empty. With rule and gateway, it says which alarm it is. */
  key: string;
  site: string | null;
  /** Since when it is so. */
  since: Date;
  /** What is so, in one sentence. */
  reason: Reason;
  /** What to do first. */
  advice: Reason;
  /** How many gateways it is of. */
  gateways: number;
}

/** An open alarm, as far as a source needs it. */
export interface OpenAlarm {
  id: string;
  clientid: string | null;
  key: string;
  since: Date;
}

/** What becomes of an open alarm at a look. */
export type Standing =
  /** It is so still. */
  | { is: 'bad'; reason?: Reason; gateways?: number }
  /** It is good, for as long as nothing else is said; it clears after the rule's time. */
  | { is: 'good' }
  /** Nothing can be said now, such as while the broker is away. */
  | { is: 'unknown' };

/** What all sources know at a look. */
export interface LookContext {
  database: Database;
  /** The time of the database. */
  now: Date;
  /** Since when presence is known without a gap; null: it is not known now. See watch.ts. */
  presenceSince: Date | null;
}

/** Finds what is wrong for the rules of one kind. */
export interface ConditionSource {
  kind: RuleKind;
  /**
   * What is wrong for as long as the rule's delay and has no open alarm of the rule; `limit` at most. Costs what it finds, not what the fleet has.
   */
  due(context: LookContext, rule: AlarmRule, limit: number): Promise<Condition[]>;
  /** How open alarms of the rule stand, in their order. */
  standings(context: LookContext, rule: AlarmRule, open: readonly OpenAlarm[]): Promise<Standing[]>;
}

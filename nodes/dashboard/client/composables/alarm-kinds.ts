import type { AlarmKindName, RuleKind, Severity } from '../../../manager/alarms/alarm-rule.js';

// Listed here too, since the manager's own lists come with what checks them; the compiler reports what is missing.

/** What counts as an alarm of a severity looks like. Only icons that the dashboard provides can be used. */
export const SEVERITIES: Record<Severity, { icon: string; tone: string }> = {
  critical: { icon: 'mdi-alert-octagon', tone: 'bad' },
  warning: { icon: 'mdi-alert', tone: 'warning' },
  info: { icon: 'mdi-information', tone: 'busy' },
};

/** What the threshold of a kind counts; null: it has none. */
export type ThresholdUnit = 'connects' | 'logins' | 'takeovers' | 'seconds' | 'percent' | 'days' | null;

/** What the page knows of the rules of a kind. */
interface RuleLook {
  unit: ThresholdUnit;
  isOfGateways: boolean;
  /** False: less is worse. */
  isWorseAbove?: false;
}

/** The kinds of rules, in the order in which people see them. */
export const RULES: Record<RuleKind, RuleLook> = {
  offline: { unit: null, isOfGateways: true },
  flapping: { unit: 'connects', isOfGateways: true },
  'never-seen': { unit: null, isOfGateways: true },
  'login-refused': { unit: 'logins', isOfGateways: true },
  'client-id-twice': { unit: 'takeovers', isOfGateways: true },
  'clock-off': { unit: 'seconds', isOfGateways: true },
  'disk-full': { unit: 'percent', isOfGateways: true },
  'certificate-ends': { unit: 'days', isOfGateways: true, isWorseAbove: false },
  'credential-old': { unit: 'days', isOfGateways: true },
  'update-available': { unit: 'days', isOfGateways: true },
  'installation-failed': { unit: null, isOfGateways: true },
  'job-failed': { unit: null, isOfGateways: false },
  'job-paused': { unit: null, isOfGateways: false },
  'broker-away': { unit: null, isOfGateways: false },
  'database-away': { unit: null, isOfGateways: false },
  'instance-dead': { unit: null, isOfGateways: false },
};
export const RULE_KINDS = Object.keys(RULES) as RuleKind[];

/** The kinds of alarms: also those of flows. */
export const ALARM_KINDS: readonly AlarmKindName[] = [...RULE_KINDS, 'own'];

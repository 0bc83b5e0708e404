// What alarms there can be. A kind that is added here is known to the rules, to their tables in the editor and on the dashboard, to REST
// and the node. Browsers load this file too, so it imports nothing.

/** From the worst. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a threshold counts; connects are those of an hour. */
export type ThresholdUnit = 'connects' | 'logins' | 'takeovers' | 'seconds' | 'percent' | 'days';

/** What a rule of a kind needs. */
export interface AlarmKind {
  /** What its alarms are of. */
  of: 'gateway' | 'job' | 'system';
  /** What `threshold` counts; null: the kind has none. */
  unit: ThresholdUnit | null;
  /** Whether more is worse; false: less is, as with days that are left. */
  isWorseAbove: boolean;
  /** Whether it needs a value that gateways are asked for. */
  isRead: boolean;
  /** What the rule that comes with the pack has. */
  builtIn: {
    severity: Severity;
    /** How long it must be so until an alarm is raised, s. */
    delaySeconds: number;
    threshold: number | null;
    /** From where on it counts as good again; null: from `threshold` on. */
    clearThreshold: number | null;
    /** How long it must be good until the alarm is cleared, s. */
    clearSeconds: number;
  };
}

const MINUTE = 60;
const DAY = 86_400;

const gateway = { of: 'gateway', unit: null, isWorseAbove: true, isRead: false } as const;
const system = { of: 'system', unit: null, isWorseAbove: true, isRead: false } as const;
const job = { of: 'job', unit: null, isWorseAbove: true, isRead: false } as const;

function builtIn(
  severity: Severity,
  delaySeconds: number,
  clearSeconds: number,
  threshold: number | null = null,
  clearThreshold: number | null = null,
): AlarmKind['builtIn'] {
  return { severity, delaySeconds, clearSeconds, threshold, clearThreshold };
}

/** The kinds of rules, in the order in which people see them. */
export const ALARM_KINDS = {
  /** A gateway is offline; many that go at once are one alarm of their site, or of the fleet. */
  offline: { ...gateway, builtIn: builtIn('warning', 10 * MINUTE, 30) },
  flapping: { ...gateway, unit: 'connects', builtIn: builtIn('warning', 0, 30 * MINUTE, 6, 3) },
  'never-seen': { ...gateway, builtIn: builtIn('info', DAY, 0) },
  'login-refused': { ...gateway, unit: 'logins', builtIn: builtIn('warning', 0, 60 * MINUTE, 3) },
  'client-id-twice': { ...gateway, unit: 'takeovers', builtIn: builtIn('critical', 0, 30 * MINUTE, 5) },
  'clock-off': { ...gateway, unit: 'seconds', isRead: true, builtIn: builtIn('warning', 0, 0, 60, 30) },
  'disk-full': { ...gateway, unit: 'percent', isRead: true, builtIn: builtIn('warning', 0, 0, 90, 85) },
  /** Of the broker, the repository or the gateway's own HTTPS. */
  'certificate-ends': {
    ...gateway,
    unit: 'days',
    isWorseAbove: false,
    isRead: true,
    builtIn: builtIn('warning', 0, 0, 30),
  },
  'credential-old': { ...gateway, unit: 'days', builtIn: builtIn('info', 0, 0, 730) },
  'update-available': { ...gateway, unit: 'days', builtIn: builtIn('info', 0, 0, 90) },
  'installation-failed': { ...gateway, builtIn: builtIn('warning', 0, 0) },
  'job-failed': { ...job, builtIn: builtIn('warning', 0, 0) },
  'job-paused': { ...job, builtIn: builtIn('warning', 0, 0) },
  'broker-away': { ...system, builtIn: builtIn('critical', MINUTE, 30) },
  'database-away': { ...system, builtIn: builtIn('critical', MINUTE, 30) },
  'instance-dead': { ...system, builtIn: builtIn('warning', 2 * MINUTE, 30) },
} as const satisfies Record<string, AlarmKind>;

/** What a rule looks for. */
export type RuleKind = keyof typeof ALARM_KINDS;
export const RULE_KINDS = Object.keys(ALARM_KINDS) as [RuleKind, ...RuleKind[]];

/** What an alarm can be of: also those of flows. */
export const ALARM_KIND_NAMES = [...RULE_KINDS, 'own'] as const;
export type AlarmKindName = (typeof ALARM_KIND_NAMES)[number];

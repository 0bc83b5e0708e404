import type { FromSchema } from 'json-schema-to-ts';
import { DEVICE_FILTER } from '../registry/device-filter.js';
import { parser } from '../shared/validate.js';
import { flag, objectOf, text, textOrNull, timeOrNull } from '../shared/value-schemas.js';

// What alarms there can be, and the rules by which they are raised. A kind that is added here is known to the table of rules in the
// editor, to REST, the dashboard and the node.

/** From the worst. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a rule of a kind needs. */
export interface AlarmKind {
  /** What its alarms are of. */
  of: 'gateway' | 'job' | 'system';
  /** What `threshold` counts; null: the kind has none. */
  unit: 'connects an hour' | 'logins' | 'takeovers' | 'seconds' | 'percent' | 'days' | null;
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
  flapping: { ...gateway, unit: 'connects an hour', builtIn: builtIn('warning', 0, 30 * MINUTE, 6, 3) },
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

const MAX_SECONDS = 31_536_000;
const seconds = { type: 'integer', minimum: 0, maximum: MAX_SECONDS } as const;
const threshold = { type: ['integer', 'null'], minimum: 1, maximum: 1_000_000 } as const;
const { site, tag, model } = DEVICE_FILTER.properties;

/** JSON Schema of the gateways that a rule is for. */
const RULE_FILTER = {
  type: ['object', 'null'],
  properties: { site, tag, model },
  additionalProperties: false,
  description: 'Only gateways of this site, with this tag, whose model begins so; null: all.',
} as const;

const RULE_FIELDS = {
  kind: { enum: RULE_KINDS },
  name: {
    type: 'string',
    maxLength: 100,
    description: 'For people, where there are several of a kind; may be empty.',
  },
  enabled: flag,
  severity: { enum: SEVERITIES },
  delaySeconds: { ...seconds, description: 'How long it must be so until an alarm is raised.' },
  threshold: {
    ...threshold,
    description:
      'From where on it is bad: connects an hour, refused logins, takeovers, seconds, percent or days, by kind; null for kinds that have none.',
  },
  clearThreshold: { ...threshold, description: 'From where on it is good again; null: as `threshold`.' },
  clearSeconds: { ...seconds, description: 'How long it must be good until the alarm is cleared.' },
  repeatSeconds: {
    type: ['integer', 'null'],
    minimum: 60,
    maximum: MAX_SECONDS,
    description: 'How often an alarm that nobody has acknowledged is told again; null: never.',
  },
  filter: RULE_FILTER,
} as const;

/** JSON Schema of the id of a rule. */
export const RULE_ID = { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,39}$' } as const;

/** JSON Schema of a rule as people set it. What is left out is as the rule of its kind that comes with the pack has it. */
export const NEW_RULE = {
  type: 'object',
  properties: { id: RULE_ID, ...RULE_FIELDS },
  required: ['id', 'kind'],
  additionalProperties: false,
} as const;
export type NewRule = FromSchema<typeof NEW_RULE>;
export const parseNewRule = parser<NewRule>(NEW_RULE, 'rule');

/** JSON Schema of an AlarmRule. */
export const ALARM_RULE = objectOf({
  id: text,
  ...RULE_FIELDS,
  isBuiltIn: {
    ...flag,
    description: 'It came with the pack, and can be changed and turned off, but not removed.',
  },
  setBy: { ...textOrNull, description: 'Null: nobody has changed it.' },
  setAt: timeOrNull,
});
/** A rule by which alarms are raised. The one that comes with the pack for a kind has the kind as its id. */
export type AlarmRule = FromSchema<typeof ALARM_RULE>;

import type { FromSchema } from 'json-schema-to-ts';
import { DEVICE_FILTER } from '../registry/device-filter.js';
import { parser } from '../shared/validate.js';
import { flag, objectOf, text, textOrNull, timeOrNull } from '../shared/value-schemas.js';
import { RULE_KINDS, SEVERITIES } from './alarm-kinds.js';

// The rules by which alarms are raised; `alarm-kinds.ts` says which kinds there are.

export {
  ALARM_KIND_NAMES,
  ALARM_KINDS,
  type AlarmKind,
  type AlarmKindName,
  RULE_KINDS,
  type RuleKind,
  SEVERITIES,
  type Severity,
} from './alarm-kinds.js';

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

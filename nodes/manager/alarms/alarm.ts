import type { FromSchema } from 'json-schema-to-ts';
import type { ClusterMessage } from '../cluster/messages.js';
import { ID_CURSOR, type Page } from '../shared/page.js';
import { CAUSE_OR_NULL, type WithCauses } from '../shared/reason.js';
import { parser } from '../shared/validate.js';
import { count, digits, objectOf, text, textOrNull, time, timeOrNull } from '../shared/value-schemas.js';
import { ALARM_KIND_NAMES, type AlarmRule, type NewRule, SEVERITIES } from './alarm-rule.js';

/** What people did about an alarm that is open; `shelved` is over at its end, or when the alarm clears. */
export const ALARM_STATES = ['active', 'acknowledged', 'shelved', 'cleared'] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

const MAX_PAGE = 500;
const MAX_NOTE_LENGTH = 500;
const MAX_KEY_LENGTH = 200;
/** An alarm is put aside for 30 days at most. */
const MAX_SHELVED_S = 30 * 86_400;

/** JSON Schema of an Alarm. */
export const ALARM = objectOf({
  id: digits,
  rule: { ...text, description: 'The id of its rule; `own` for an alarm of a flow.' },
  kind: { enum: ALARM_KIND_NAMES },
  severity: { enum: SEVERITIES },
  state: { enum: ALARM_STATES },
  clientid: { ...textOrNull, description: 'Null for an alarm of a site, a job or the system.' },
  key: { ...text, description: 'What else it is of: a site, a certificate, a job, an instance; else empty.' },
  site: textOrNull,
  text: { ...text, description: 'What is so, in one sentence.' },
  cause: CAUSE_OR_NULL,
  advice: { ...text, description: 'What to do first.' },
  adviceCause: CAUSE_OR_NULL,
  gateways: { ...count, description: 'How many gateways it is of now; 0 for one of the system.' },
  since: { ...time, description: 'Since when it is so.' },
  raisedAt: time,
  clearedAt: timeOrNull,
  clearedBy: { ...textOrNull, description: 'Null: by itself.' },
  acknowledgedBy: textOrNull,
  acknowledgedAt: timeOrNull,
  assignedTo: textOrNull,
  shelvedBy: textOrNull,
  shelvedUntil: timeOrNull,
  note: {
    ...text,
    description: 'What was said with the last acknowledgement or when it was shelved; may be empty.',
  },
  updatedAt: time,
});
/** One thing that is wrong, or was. At most one is open for a rule, a gateway and a key. Times are ISO 8601 in UTC. */
export type Alarm = FromSchema<typeof ALARM, WithCauses>;

/** JSON Schema of an AlarmQuery. */
export const ALARM_QUERY = {
  type: 'object',
  properties: {
    state: { enum: ['open', ...ALARM_STATES], description: 'Default `open`: all but `cleared`.' },
    severity: { enum: SEVERITIES },
    kind: { enum: ALARM_KIND_NAMES },
    clientid: { type: 'string', minLength: 1, maxLength: 200 },
    site: { type: 'string', minLength: 1, maxLength: 200 },
    assignedTo: { type: 'string', minLength: 1, maxLength: 200 },
    before: ID_CURSOR,
    limit: { type: 'integer', minimum: 1, maximum: MAX_PAGE, description: 'Default 50.' },
  },
  additionalProperties: false,
} as const;
export type AlarmQuery = FromSchema<typeof ALARM_QUERY>;
/** Checks a query. Throws INVALID_INPUT. */
export const parseAlarmQuery = parser<AlarmQuery>(ALARM_QUERY, 'query');

const ids = { type: 'array', items: digits, minItems: 1, maxItems: MAX_PAGE } as const;
const note = { type: 'string', maxLength: MAX_NOTE_LENGTH, description: 'May be left out.' } as const;

/** JSON Schema of what is done to open alarms. `assign` to null: to nobody. `shelve` always has an end. */
export const ALARM_ACT = {
  type: 'object',
  oneOf: [
    act('acknowledge', { note }, []),
    act('assign', { to: { type: ['string', 'null'], minLength: 1, maxLength: 100 } }, ['to']),
    act('shelve', { seconds: { type: 'integer', minimum: 60, maximum: MAX_SHELVED_S }, note }, ['seconds']),
    act('unshelve', {}, []),
  ],
} as const;

function act<const Name extends string, const Properties extends object, const Required extends string>(
  name: Name,
  properties: Properties,
  required: readonly Required[],
) {
  return {
    type: 'object',
    properties: { act: { const: name }, ids, ...properties },
    required: ['act', 'ids', ...required],
    additionalProperties: false,
  } as const;
}

/** What is done to open alarms. */
export type AlarmAct = { ids: readonly string[] } & (
  | { act: 'acknowledge'; note?: string }
  | { act: 'assign'; to: string | null }
  | { act: 'shelve'; seconds: number; note?: string }
  | { act: 'unshelve' }
);
/** Checks an act. Throws INVALID_INPUT. */
export const parseAlarmAct = parser<AlarmAct>(ALARM_ACT, 'act');

const subject = {
  key: {
    type: 'string',
    minLength: 1,
    maxLength: MAX_KEY_LENGTH,
    description: 'Which alarm it is: one with this key, and gateway, is open at a time.',
  },
  clientid: {
    type: 'string',
    minLength: 1,
    maxLength: 200,
    description: 'The gateway that it is of, if any.',
  },
} as const;

/** JSON Schema of an alarm that a flow raises. */
export const OWN_ALARM = {
  type: 'object',
  properties: {
    ...subject,
    severity: { enum: SEVERITIES, description: 'Default `warning`.' },
    text: { type: 'string', minLength: 1, maxLength: 500, pattern: '\\S' },
    advice: { type: 'string', maxLength: 500 },
  },
  required: ['key', 'text'],
  additionalProperties: false,
} as const;
export type OwnAlarm = FromSchema<typeof OWN_ALARM>;
/** Checks an alarm of a flow. Throws INVALID_INPUT. */
export const parseOwnAlarm = parser<OwnAlarm>(OWN_ALARM, 'alarm');

/** JSON Schema of which alarm of a flow is cleared. */
export const OWN_CLEAR = {
  type: 'object',
  properties: subject,
  required: ['key'],
  additionalProperties: false,
} as const;
export type OwnClear = FromSchema<typeof OWN_CLEAR>;
/** Checks it. Throws INVALID_INPUT. */
export const parseOwnClear = parser<OwnClear>(OWN_CLEAR, 'alarm');

/** What happened to an alarm. `reminder`: nobody has acknowledged it. `changed`: something about it, such as who it is assigned to. */
export type AlarmHappening = 'raised' | 'cleared' | 'reminder' | 'changed';

export interface AlarmNews {
  what: AlarmHappening;
  alarm: Alarm;
}

/** The same for who tells people: each once, or again after a crash; `id` is then the same. */
export interface AlarmTelling {
  id: string;
  what: Exclude<AlarmHappening, 'changed'>;
  alarm: Alarm;
}

/** JSON Schema of AlarmCounts. */
export const ALARM_COUNTS = objectOf({
  critical: count,
  warning: count,
  info: count,
  unacknowledged: { ...count, description: 'Open, and neither acknowledged nor shelved.' },
  shelved: count,
});
/** How many are open, by severity; those that are shelved are counted apart. */
export type AlarmCounts = FromSchema<typeof ALARM_COUNTS>;

/**
 * What is wrong, by rules that people set. Any manager looks, one at a time; all of it is in the database, whose clock counts. Methods
 * reject with UNAVAILABLE while it cannot be reached.
 */
export interface Alarms {
  /** Lists alarms, the newest first. Rejects with INVALID_INPUT. */
  list(query: AlarmQuery): Promise<Page<Alarm>>;
  /** The worst that are open and not shelved: by severity, then those that nobody has acknowledged, then the newest; `limit` at most. */
  worst(limit: number): Promise<Alarm[]>;
  get(id: string): Promise<Alarm | null>;
  counts(): Promise<AlarmCounts>;
  /** Acts on open alarms, and resolves with them as they are then. Rejects with INVALID_INPUT, with NOT_FOUND for an unknown one, and with CONFLICT if one was cleared. */
  act(act: AlarmAct, by: string): Promise<Alarm[]>;
  /**
   * Raises an alarm of a flow, or says anew what one that is open is about. Rejects with INVALID_INPUT, with NOT_FOUND for an unknown
   * gateway, and with BUSY if too many of flows are open.
   */
  raise(own: OwnAlarm, by: string): Promise<Alarm>;
  /** Clears an alarm of a flow; null if there is none. */
  clear(own: OwnClear, by: string): Promise<Alarm | null>;
  /** All rules, in the order of kinds. */
  rules(): Promise<AlarmRule[]>;
  /** Adds a rule, or sets the one with this id. Rejects with INVALID_INPUT, also for a threshold that the kind does not have, and for another kind than the rule has. */
  setRule(rule: NewRule, by: string): Promise<AlarmRule>;
  /** Removes a rule, and clears its alarms. Rejects with NOT_FOUND, and with CONFLICT for one that came with the pack. */
  removeRule(id: string, by: string): Promise<void>;
  /**
   * Has `teller` told of each alarm that is raised, cleared or to be reminded of, in this order; only one of all managers tells. What is
   * told when it resolves is not told again; if it rejects, it is told again. Returns the function that ends it.
   */
  tell(teller: (telling: AlarmTelling) => Promise<void>): () => void;
}

/** The engine behind Alarms, as the composition knows it. */
export interface AlarmEngine extends Alarms {
  /** Begins to look. */
  start(): void;
  /** Looks now, if it is this manager's turn; never rejects. */
  look(): Promise<void>;
  /** Something has happened of which there may be an alarm, or because of which one may be cleared: it looks soon. */
  wake(): void;
  /** Applies the items of a cluster message of the kind `alarm`. */
  changedElsewhere(items: ClusterMessage['items']): Promise<void>;
  close(): Promise<void>;
}

import type { FromSchema } from 'json-schema-to-ts';
import { CURSOR, type Page } from '../shared/page.js';
import { CAUSE_OR_NULL, type Reason, type WithCauses } from '../shared/reason.js';
import { parser } from '../shared/validate.js';
import {
  digits,
  digitsOrNull,
  objectOf,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
} from '../shared/value-schemas.js';
import { TIMELINE_KINDS, type TimelineKind } from './timeline-kinds.js';

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;
/** A year: nothing that is told is older. */
const MAX_HOURS = 24 * 366;

/** JSON Schema of a Restart. */
export const RESTART = objectOf({
  kind: { enum: ['command', 'installation'] },
  ref: { ...digits, description: 'The request id, or the id of the installation.' },
  at: { ...time, description: 'When it was sent, or when the installation came to this.' },
  what: { ...text, description: 'Method and path, or the versions that were installed.' },
  who: text,
  job: { ...digitsOrNull, description: 'The id of the job that it belongs to.' },
  jobName: textOrNull,
});
/** What restarted a gateway, or cut its connection, shortly before it went offline. */
export type Restart = FromSchema<typeof RESTART>;

/** JSON Schema of a TimelineEntry. */
export const TIMELINE_ENTRY = objectOf({
  kind: { enum: TIMELINE_KINDS },
  ref: {
    ...digits,
    description:
      'The id of the change of presence, the command, the installation, the alarm, the entry of the audit log, or the job.',
  },
  at: { ...time, description: 'When it happened, or began.' },
  until: {
    ...timeOrNull,
    description: 'When it was over; null: it still lasts. Of what has no length, the same as `at`.',
  },
  state: {
    ...text,
    description:
      '`online` or `offline`; the state of a command, an installation or a job on this gateway; the severity of an alarm; `done` for an edit.',
  },
  what: {
    ...text,
    description:
      'Method and path, versions, what an alarm is about, the action of an edit, or the name of a job; empty for presence.',
  },
  changed: { ...texts, description: 'What an edit changed.' },
  who: { ...textOrNull, description: 'Who asked for it; of an alarm, who acknowledged it.' },
  job: { ...digitsOrNull, description: 'The id of the job that it belongs to.' },
  reason: textOrNull,
  cause: CAUSE_OR_NULL,
  because: {
    anyOf: [RESTART, { type: 'null' }],
    description: 'What restarted the gateway, if that was shortly before it went offline.',
  },
});
/** One thing that happened to a gateway. Times are ISO 8601 in UTC. */
export type TimelineEntry = FromSchema<typeof TIMELINE_ENTRY, WithCauses>;

/** The fields of a TimelineQuery, without the gateway. */
export const TIMELINE_FIELDS = {
  kinds: {
    type: 'array',
    items: { enum: TIMELINE_KINDS },
    minItems: 1,
    maxItems: TIMELINE_KINDS.length,
    uniqueItems: true,
    description: 'Left out: all.',
  },
  since: { type: 'string', maxLength: 40, description: 'ISO 8601: only what happened then or later.' },
  cursor: CURSOR,
  limit: { type: 'integer', minimum: 1, maximum: MAX_PAGE, description: `Default ${DEFAULT_PAGE}.` },
} as const;

/** JSON Schema of a TimelineQuery. */
const TIMELINE_QUERY = {
  type: 'object',
  properties: TIMELINE_FIELDS,
  additionalProperties: false,
} as const;
export type TimelineQuery = FromSchema<typeof TIMELINE_QUERY>;
const readQuery = parser<TimelineQuery>(TIMELINE_QUERY, 'query');
/** Checks a query, and adds the default. Throws INVALID_INPUT. */
export const parseTimelineQuery = (query: TimelineQuery) => ({ limit: DEFAULT_PAGE, ...readQuery(query) });

/** What a picture of the timeline draws of an entry. */
export type TimelineMark = Pick<TimelineEntry, 'kind' | 'ref' | 'at' | 'until' | 'state' | 'what'>;

/** What happened within some hours, without presence, oldest first. */
export interface TimelineMarks {
  marks: TimelineMark[];
  /** Kinds of which there was too much, with the time from which on it is drawn. */
  cutAt: Partial<Record<TimelineKind, string>>;
}

/** How a gateway stands, and what to do about it first. */
export interface NextStep {
  /** Null: nothing. */
  advice: Reason | null;
  /** What restarted it, if it is offline because of that. */
  because: Restart | null;
}

/** What happened to a gateway, from all rooms that know something of it. Methods reject with UNAVAILABLE while the database is away. */
export interface Timeline {
  /** What happened, newest first. Of `kinds` that the caller may not see, nothing is read. Rejects with INVALID_INPUT. */
  list(clientid: string, query: TimelineQuery): Promise<Page<TimelineEntry>>;
  /** What to draw of the last `hours`, 1 to 8784. Rejects with INVALID_INPUT. */
  marks(clientid: string, hours: number, kinds: readonly TimelineKind[]): Promise<TimelineMarks>;
  /** What to do about a gateway first. Null if there is no such gateway. */
  nextStep(clientid: string): Promise<NextStep | null>;
}

export { MAX_HOURS as MAX_TIMELINE_HOURS };

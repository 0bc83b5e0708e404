import type { FromSchema } from 'json-schema-to-ts';
import { parser } from '../shared/validate.js';
import { count, flag, objectOf, text, textOrNull, time, timeOrNull } from '../shared/value-schemas.js';
import { DAYS, MAX_FREEZES, MAX_WINDOW_MINUTES, MAX_WINDOWS } from './site-bounds.js';

// The only place that says what is known of a site: its time zone, when work may be done there, and whom to ask.

const MAX_NAME_LENGTH = 200;

const clockTime = { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' } as const;
const date = { type: 'string', pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' } as const;

/** JSON Schema of a window by days of the week. */
const DAYS_WINDOW = {
  type: 'object',
  properties: {
    days: { type: 'array', items: { enum: DAYS }, minItems: 1, maxItems: 7, uniqueItems: true },
    from: { ...clockTime, description: 'When it opens, in the time of the site: `22:00`.' },
    to: {
      ...clockTime,
      description: 'When it closes. Not after `from`: on the next day.',
    },
  },
  required: ['days', 'from', 'to'],
  additionalProperties: false,
} as const;

/** JSON Schema of a window by a cron expression. */
const CRON_WINDOW = {
  type: 'object',
  properties: {
    cron: {
      type: 'string',
      minLength: 9,
      maxLength: 100,
      description:
        'When it opens, in the time of the site, with five fields: `0 22 * * FRI#L`, the last Friday of each month.',
    },
    minutes: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_WINDOW_MINUTES,
      description: 'For how long it is open.',
    },
  },
  required: ['cron', 'minutes'],
  additionalProperties: false,
} as const;

const WINDOW = { anyOf: [DAYS_WINDOW, CRON_WINDOW] } as const;

/** JSON Schema of days on which nothing is begun, whatever the windows say. */
const FREEZE = {
  type: 'object',
  properties: {
    from: { ...date, description: 'The first day, in the time of the site: `2026-12-20`.' },
    to: { ...date, description: 'The last day.' },
    reason: { type: 'string', minLength: 1, maxLength: 200 },
  },
  required: ['from', 'to', 'reason'],
  additionalProperties: false,
} as const;

const SETTINGS = {
  zone: {
    type: ['string', 'null'],
    maxLength: 60,
    description: 'A time zone of the IANA database: `Europe/Berlin`. Null: that of the default.',
  },
  windows: {
    type: 'array',
    items: WINDOW,
    maxItems: MAX_WINDOWS,
    description: 'When jobs may begin something there. Empty: as the default says, or always.',
  },
  freezes: { type: 'array', items: FREEZE, maxItems: MAX_FREEZES },
  contact: { type: 'string', maxLength: 500, description: 'Whom to ask.' },
} as const;

/** JSON Schema of a site as callers give it. */
export const NEW_SITE = {
  type: 'object',
  properties: {
    name: {
      type: 'string',
      maxLength: MAX_NAME_LENGTH,
      description: 'As the gateways have it. Empty: the default of all, and for gateways without a site.',
    },
    ...SETTINGS,
  },
  required: ['name'],
  additionalProperties: false,
} as const;
/** A site as callers give it; what is left out is blank. */
export type NewSite = FromSchema<typeof NEW_SITE>;
/** Checks the shape of a site. Throws INVALID_INPUT. */
export const parseNewSite = parser<NewSite>(NEW_SITE, 'site', '', 'place');

/** JSON Schema of all that is set of a site whose name stands elsewhere. */
export const SITE_SETTINGS = { type: 'object', properties: SETTINGS, additionalProperties: false } as const;
/** Checks the same. Throws INVALID_INPUT. */
export const parseSiteSettings = parser<FromSchema<typeof SITE_SETTINGS>>(SITE_SETTINGS, 'site', '', 'place');

export type DaysWindow = FromSchema<typeof DAYS_WINDOW>;
export type CronWindow = FromSchema<typeof CRON_WINDOW>;
export type Window = DaysWindow | CronWindow;
/** Days on which nothing is begun. */
export type Freeze = FromSchema<typeof FREEZE>;

/** What decides when something may be begun on a site. */
export interface SiteTimes {
  /** IANA. */
  zone: string;
  windows: readonly Window[];
  freezes: readonly Freeze[];
}

/** JSON Schema of a SiteClock. */
export const SITE_CLOCK = objectOf({
  isOpen: { ...flag, description: 'Whether jobs may begin something there now.' },
  opensAt: {
    ...timeOrNull,
    description: 'When the next window opens; null while one is open, and where none does.',
  },
  closesAt: { ...timeOrNull, description: 'When the open window closes; null: not within a year.' },
  freeze: { ...textOrNull, description: 'Why nothing is begun now, whatever the windows say.' },
});
/** Whether something may be begun on a site now, and until when. Times are ISO 8601 in UTC. */
export type SiteClock = FromSchema<typeof SITE_CLOCK>;

/** JSON Schema of a Site. */
export const SITE = objectOf({
  name: { ...text, description: 'Empty: the default of all, and for gateways without a site.' },
  ...SETTINGS,
  isSet: { ...flag, description: 'False: nothing was set for it, so the default holds.' },
  gateways: { ...count, description: 'How many gateways are there.' },
  clock: SITE_CLOCK,
  localTime: { ...text, description: 'What the clocks there show now: `2026-12-20 14:05`.' },
  usedZone: { ...text, description: 'The zone that holds, its own or that of the default.' },
  setBy: textOrNull,
  setAt: { ...time, type: ['string', 'null'] },
});
/** A site, with what the clocks say there now. */
export type Site = FromSchema<typeof SITE>;

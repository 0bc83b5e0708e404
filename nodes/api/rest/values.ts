// What several routes take and give, as JSON Schema.

/** How long to wait for the end of what was begun: `true` to the end, `false` or left out not at all, else seconds. */
export const wait = {
  type: 'string',
  pattern: '^(true|false|\\d{1,5}(\\.\\d{1,3})?)$',
  description:
    '`true`: answer when it has ended; a number: wait so many seconds, 86400 at most, and answer with how it stands then; left out: answer at once.',
} as const;

/** A time, ISO 8601 in UTC. */
export const time = { type: ['string', 'null'], format: 'date-time' } as const;
/** A time as TPEDM gives it. */
export const unixSeconds = {
  type: ['integer', 'null'],
  description: 'Seconds since 1970-01-01 in UTC.',
} as const;
export const text = { type: 'string' } as const;
export const textOrNull = { type: ['string', 'null'] } as const;

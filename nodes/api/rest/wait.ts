/** JSON Schema of how long a call waits for the end of the work: `true` until it ends, `false` or left out not at all, else seconds. */
export const wait = {
  type: 'string',
  pattern: '^(true|false|\\d{1,5}(\\.\\d{1,3})?)$',
  description:
    '`true`: answer when it has ended; a number: wait so many seconds, 86400 at most, and answer with how it stands then; left out: answer at once.',
} as const;

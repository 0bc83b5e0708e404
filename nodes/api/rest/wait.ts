/** How long to wait for the end of what was begun: `true` to the end, `false` or left out not at all, else seconds. */
export const wait = {
  type: 'string',
  pattern: '^(true|false|\\d{1,5}(\\.\\d{1,3})?)$',
  description:
    '`true`: answer when it has ended; a number: wait so many seconds, 86400 at most, and answer with how it stands then; left out: answer at once.',
} as const;

const STEPS: [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
];

/** `just now`, `3 min ago`, `2 d ago`: in the largest unit that fits; both times are ms since the epoch. */
export function elapsed(time: number, now: number): string {
  // The browser's clock may be behind the server's.
  const seconds = Math.max(0, Math.floor((now - time) / 1000));
  if (seconds < 10) return 'just now';
  const [size, unit] = STEPS.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

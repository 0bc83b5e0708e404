export interface CountedTriesOptions {
  /** How long tries count, from the first one on, ms. */
  windowMs: number;
  /** How many subjects are remembered. Beyond that, the oldest is forgotten. */
  most: number;
  /** The time, ms since the epoch. */
  now: () => number;
}

/** Counts tries of each subject within a window of time. */
export interface CountedTries {
  count(subject: string): number;
  add(subject: string): void;
  /** Takes back `number` tries of a subject. */
  giveBack(subject: string, number: number): void;
  /** Seconds until the window of the subject ends, rounded up; 0 if none is open. */
  secondsLeft(subject: string): number;
}

/** Creates the counter. */
export function countTries({ windowMs, most, now }: CountedTriesOptions): CountedTries {
  const windows = new Map<string, { count: number; endsAt: number }>();

  const open = (subject: string) => {
    const found = windows.get(subject);
    if (found === undefined || found.endsAt > now()) return found;
    windows.delete(subject);
    return undefined;
  };

  return {
    count: (subject) => open(subject)?.count ?? 0,
    add(subject) {
      const found = open(subject);
      if (found) {
        found.count += 1;
        return;
      }
      windows.set(subject, { count: 1, endsAt: now() + windowMs });
      const oldest = windows.keys().next();
      if (windows.size > most && !oldest.done) windows.delete(oldest.value);
    },
    giveBack(subject, number) {
      const found = open(subject);
      if (!found) return;
      found.count -= number;
      if (found.count <= 0) windows.delete(subject);
    },
    secondsLeft: (subject) => Math.ceil(((open(subject)?.endsAt ?? now()) - now()) / 1000),
  };
}

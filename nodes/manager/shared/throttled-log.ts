/** The bound of subjects per minute; a failing fleet must not flood the log. */
const MAX_SUBJECTS = 100;

/** A log that writes one line per subject and minute and drops the rest, for at most 100 subjects. */
export function createThrottledLog<Line = string>(
  write: (line: Line) => void,
  now: () => number = Date.now,
): (subject: string, line: Line) => void {
  let minute = 0;
  const written = new Set<string>();
  return (subject, line) => {
    const current = Math.floor(now() / 60_000);
    if (current !== minute) {
      minute = current;
      written.clear();
    }
    if (written.has(subject) || written.size >= MAX_SUBJECTS) return;
    written.add(subject);
    write(line);
  };
}

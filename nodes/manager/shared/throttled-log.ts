/** Most subjects per minute, so that a failing fleet does not flood the log. */
const MAX_SUBJECTS = 100;

/** Creates a log that writes one line per subject and minute, for at most 100 subjects, and drops the rest. */
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

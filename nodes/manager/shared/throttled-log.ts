/** So many subjects are written of in a minute; a fleet gone mad must not flood the log. */
const MOST_SUBJECTS = 100;

/** A log that writes of one subject once a minute and drops the rest. It keeps at most 100 subjects. */
export function createOnceAMinute<Line = string>(
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
    if (written.has(subject) || written.size >= MOST_SUBJECTS) return;
    written.add(subject);
    write(line);
  };
}

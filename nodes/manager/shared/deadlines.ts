/** Calls `late` when the time is over, unless the returned function is called before. */
export type Deadline = (late: () => void) => () => void;

/**
 * Creates deadlines of one length, ms, with one timer for all: for what is so frequent that a timer for each counts, and nearly always
 * ends in time. The timer keeps no process alive.
 */
export function createDeadlines(limitMs: number): Deadline {
  /** In order of their ends, since all are equally long. */
  const open = new Set<{ end: number; late(): void }>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    timer = undefined;
    const now = performance.now();
    const over = [];
    for (const one of open) {
      if (one.end > now) {
        wait(one.end - now);
        break;
      }
      open.delete(one);
      over.push(one);
    }
    for (const { late } of over) late();
  }

  function wait(ms: number): void {
    if (timer === undefined) timer = setTimeout(look, Math.ceil(ms)).unref();
  }

  return (late) => {
    const one = { end: performance.now() + limitMs, late };
    open.add(one);
    wait(limitMs);
    return () => open.delete(one);
  };
}

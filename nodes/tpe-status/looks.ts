/** A look comes at least so often, ms: the time to wait may change, and so may the clock. */
const EVERY_MS = 60_000;

/** Looks one after the other, by one timer. */
export interface Looks {
  /** Wants a look at that time at the latest, ms since the epoch. */
  at(time: number): void;
  close(): void;
}

/** Creates the looks. `look` resolves with when the next one is due, and never rejects. */
export function createLooks(look: () => Promise<number>): Looks {
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let isLooking = false;
  let isWantedAgain = false;
  let isClosed = false;

  function at(time: number): void {
    if (isClosed || timerAt <= time) return;
    clearTimeout(timer);
    timerAt = time;
    timer = setTimeout(run, Math.min(EVERY_MS, Math.max(0, time - Date.now())));
  }

  function run(): void {
    timerAt = Number.POSITIVE_INFINITY;
    isWantedAgain = isLooking;
    if (isLooking) return;
    isLooking = true;
    void look().then((next) => {
      isLooking = false;
      at(isWantedAgain ? Date.now() : Math.min(next, Date.now() + EVERY_MS));
    });
  }

  return {
    at,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

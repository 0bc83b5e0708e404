/** At most four times a second… */
export const SHORTEST_PAUSE_MS = 250;
const PAUSE_FOR_WORK = 4;

/** …and never more than a fifth of the time: how long to rest behind work that took so long, ms. A slow database is asked less often. */
export function pauseAfter(workMs: number): number {
  return Math.max(SHORTEST_PAUSE_MS, PAUSE_FOR_WORK * workMs);
}

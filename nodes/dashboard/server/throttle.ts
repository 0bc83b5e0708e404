/** At most four times a second… */
export const SHORTEST_PAUSE_MS = 250;
const PAUSE_FOR_WORK = 4;

/**
 * …and for at most a fifth of the time: the pause after work that took this long, ms. So a slow database is queried less often.
 */
export function pauseAfter(workMs: number): number {
  return Math.max(SHORTEST_PAUSE_MS, PAUSE_FOR_WORK * workMs);
}

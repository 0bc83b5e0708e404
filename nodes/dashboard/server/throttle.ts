/** Subscriptions are read at most four times a second. */
export const SHORTEST_PAUSE_MS = 250;
const PAUSE_FOR_WORK = 4;

/**
 * The pause after work that took `workMs`, both in ms. Work takes at most a fifth of the time, so that a slow database is queried less
 * often.
 */
export function pauseAfter(workMs: number): number {
  return Math.max(SHORTEST_PAUSE_MS, PAUSE_FOR_WORK * workMs);
}

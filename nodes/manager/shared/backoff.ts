export interface Backoff {
  /** The first pause, ms. */
  firstMs: number;
  /** No pause is longer, ms; without it only the number of tries bounds them. */
  longestMs?: number;
  /** The pause is multiplied by a random number between these two; without it always by 1. */
  spread?: readonly [least: number, most: number];
}

/** For those who lose the same thing together: they must not all come back at the same moment. */
export const SPREAD_OUT = [0.5, 1] as const;

/** The pause before the next try, ms: the first one, doubled so many times (0: not yet). */
export function backoffMs(
  doublings: number,
  { firstMs, longestMs = Number.POSITIVE_INFINITY, spread: [least, most] = [1, 1] }: Backoff,
): number {
  return Math.min(firstMs * 2 ** doublings, longestMs) * (least + Math.random() * (most - least));
}

export interface Backoff {
  /** The first pause, ms. */
  firstMs: number;
  /** The longest pause, ms; without it, only the number of tries bounds the pauses. */
  longestMs?: number;
  /** The pause is multiplied by a random number between these two; without it, by 1. */
  spread?: readonly [least: number, most: number];
}

/** Spread for clients that lose the same thing at once, so that they do not all come back at the same moment. */
export const SPREAD_OUT = [0.5, 1] as const;

/** The pause before the next try, ms: `firstMs`, doubled `doublings` times, but at most `longestMs`, and then spread. */
export function backoffMs(
  doublings: number,
  { firstMs, longestMs = Number.POSITIVE_INFINITY, spread: [least, most] = [1, 1] }: Backoff,
): number {
  return Math.min(firstMs * 2 ** doublings, longestMs) * (least + Math.random() * (most - least));
}

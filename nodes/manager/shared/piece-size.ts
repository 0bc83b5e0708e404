/** How long one statement should take, ms, because the embedded database does nothing else meanwhile. */
const PIECE_MS = 20;

export interface PieceBounds {
  first: number;
  least: number;
  most: number;
}

/** How many items work that is done in pieces should take at once. */
export interface PieceSize {
  now(): number;
  /** Takes how long the piece before took, ms, with so many items; the next one is as large as takes some 20 ms. */
  took(ms: number, items: number): void;
  /** Does the work of so many items, and takes how long it took. Rejects as the work does; then it says nothing. */
  timed<T>(items: number, work: () => Promise<T>): Promise<T>;
}

/** Creates the size of pieces within these bounds. It grows by no more than half at a time, since one quick piece says little. */
export function createPieceSize({ first, least, most }: PieceBounds): PieceSize {
  let size = first;

  function took(ms: number, items: number): void {
    // The last piece of a work, which says little of a whole one.
    if (items < size && ms < PIECE_MS) return;
    const fitting = (items * PIECE_MS) / Math.max(ms, 1);
    size = Math.round(Math.min(most, size * 1.5, Math.max(least, fitting)));
  }

  return {
    now: () => size,
    took,
    async timed(items, work) {
      const begun = performance.now();
      const result = await work();
      took(performance.now() - begun, items);
      return result;
    },
  };
}

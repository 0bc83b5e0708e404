/** Who wants places, and how many at most. */
export interface Wanted {
  id: string;
  most: number;
}

/** Shares places: nobody gets more than wanted, and what some leave is for the others, in equal parts; at least one for each. */
export function fairShares(places: number, wanted: readonly Wanted[]): Map<string, number> {
  const shares = new Map<string, number>();
  let left = places;
  for (const [index, { id, most }] of wanted.toSorted((one, other) => one.most - other.most).entries()) {
    const share = Math.min(most, Math.max(1, Math.floor(left / (wanted.length - index))));
    shares.set(id, share);
    left -= share;
  }
  return shares;
}

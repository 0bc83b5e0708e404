/** As many commands as one request sends at most. */
const MOST = 500;
const LONGEST = 19;
const RANGE = /^(\d{1,19})(?:-(\d{1,19}))?$/;

/**
 * Writes the ids of commands that were sent together for an address: `104-122`, `130`. They come from one counter, so hundreds of them are a
 * few ranges. `ids` are decimal digits, larger than a number of JavaScript can hold.
 */
export function rangesOf(ids: readonly string[]): string[] {
  const sorted = ids.map(BigInt).sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  const ranges: [first: bigint, last: bigint][] = [];
  for (const id of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && id - last[1] <= 1n) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
}

/** The ids that an address has, at most as many as one request sends. What is no range is left out. */
export function idsIn(ranges: readonly string[]): string[] {
  const ids = new Set<string>();
  for (const range of ranges) {
    const [, from = '', to = from] = RANGE.exec(range) ?? [];
    if (from === '') continue;
    for (let id = BigInt(from); id <= BigInt(to) && ids.size < MOST; id += 1n) {
      if (`${id}`.length <= LONGEST) ids.add(`${id}`);
    }
  }
  return [...ids];
}

export interface LoginFailures {
  /** True when this address has failed so often of late that it is refused unheard. */
  isBlocked(address: string): boolean;
  failed(address: string): void;
}

/** So many failures of one address in a minute; a gateway with an old password tries once in its retry interval. */
const MOST_PER_MINUTE = 60;
const MOST_ADDRESSES = 10_000;
const WINDOW_MS = 60_000;

/** Slows down guessing of passwords. It counts by address alone, so nobody can lock a gateway out by its name. */
export function createLoginFailures(now: () => number = Date.now): LoginFailures {
  const counts = new Map<string, { since: number; count: number }>();

  function recent(address: string): { since: number; count: number } | undefined {
    const found = counts.get(address);
    if (found !== undefined && now() - found.since < WINDOW_MS) return found;
    counts.delete(address);
    return undefined;
  }

  return {
    isBlocked: (address) => (recent(address)?.count ?? 0) >= MOST_PER_MINUTE,
    failed(address) {
      const entry = recent(address);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      const oldest = counts.size >= MOST_ADDRESSES ? counts.keys().next().value : undefined;
      if (oldest !== undefined) counts.delete(oldest);
      counts.set(address, { since: now(), count: 1 });
    },
  };
}

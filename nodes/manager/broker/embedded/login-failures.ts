import { addressKey } from '../../shared/address-key.js';

export interface LoginFailures {
  /** False when so many attempts failed of late that this one is refused unheard; it may come again. */
  mayTry(address: string, clientid: string): boolean;
  failed(address: string, clientid: string): void;
  /** From now on, what fails for others at the address does not slow down this client id there. */
  succeeded(address: string, clientid: string): void;
}

interface Rate {
  /** So many failures at once. */
  burst: number;
  /** And one more each so many ms. */
  everyMs: number;
}

/** One gateway from one address: a gateway whose password was put right gets in within twenty seconds. */
const PAIR: Rate = { burst: 5, everyMs: 10_000 };
/** One address with whatever client ids: a site behind one address may have many gateways, some of them wrong. */
const ADDRESS: Rate = { burst: 100, everyMs: 200 };
const MAX_KEYS = 10_000;

/**
 * Slows down the guessing of passwords: failures are counted by address and client id together, and by address alone,
 * where gateways that were let in from there lately do not suffer for the others. Never by client id alone, or anybody
 * could lock a gateway out by its name. IPv6 addresses of one network count as one. Holds at most 30,000 entries.
 */
export function createLoginFailures(now: () => number = Date.now): LoginFailures {
  const pairs = createBuckets(PAIR, now);
  const addresses = createBuckets(ADDRESS, now);
  const known = new Set<string>();
  const pairOf = (address: string, clientid: string) => `${addressKey(address)} ${clientid}`;
  return {
    mayTry(address, clientid) {
      const pair = pairOf(address, clientid);
      return pairs.hasRoom(pair) && (known.has(pair) || addresses.hasRoom(addressKey(address)));
    },
    failed(address, clientid) {
      addresses.take(addressKey(address));
      pairs.take(pairOf(address, clientid));
    },
    succeeded(address, clientid) {
      const pair = pairOf(address, clientid);
      known.delete(pair);
      const [oldest] = known;
      if (known.size >= MAX_KEYS && oldest !== undefined) known.delete(oldest);
      known.add(pair);
    },
  };
}

/** Leaky buckets by key. When there are too many, the one that was touched longest ago is forgotten. */
function createBuckets({ burst, everyMs }: Rate, now: () => number) {
  const buckets = new Map<string, { level: number; at: number }>();

  function levelOf(key: string): number {
    const bucket = buckets.get(key);
    if (bucket === undefined) return 0;
    // A clock that was set back must not fill the bucket.
    const leaked = Math.max(0, now() - bucket.at) / everyMs;
    return Math.max(0, bucket.level - leaked);
  }

  return {
    hasRoom: (key: string) => levelOf(key) <= burst - 1,
    take(key: string) {
      // Attempts that were under way together may go over the rim, but not far: the wait stays short.
      const level = Math.min(levelOf(key) + 1, burst + 1);
      buckets.delete(key);
      const oldest = buckets.size >= MAX_KEYS ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      buckets.set(key, { level, at: now() });
    },
  };
}

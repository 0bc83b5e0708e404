import { addressKey } from '../../shared/address-key.js';

export interface LoginFailures {
  /** False if so many attempts failed recently that this one is refused without a check of its password. A later one may pass. */
  mayTry(address: string, clientid: string): boolean;
  failed(address: string, clientid: string): void;
  /** From now on, failures of other client ids at this address do not slow down this one there. */
  succeeded(address: string, clientid: string): void;
}

interface Rate {
  /** The number of failures that are allowed at once. */
  burst: number;
  /** One more failure is allowed after each such time. */
  everyMs: number;
}

/** For a client id at an address. A gateway whose password was corrected gets in within twenty seconds. */
const PAIR: Rate = { burst: 5, everyMs: 10_000 };
/** For an address with any client ids. A site behind one address may have many gateways, some of them with wrong passwords. */
const ADDRESS: Rate = { burst: 100, everyMs: 200 };
const MAX_KEYS = 10_000;

/**
 * Creates the limits that slow down the guessing of passwords. Failures are counted by address and client id together, and by address
 * alone, which does not affect gateways that logged in from there recently. They are never counted by client id alone, since then anybody
 * who knows the client id of a gateway could lock it out. IPv6 addresses of one network count as one. It holds at most 30,000 entries.
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

/** Creates leaky buckets by key. When there are too many, the one that was filled longest ago is forgotten. */
function createBuckets({ burst, everyMs }: Rate, now: () => number) {
  const buckets = new Map<string, { level: number; at: number }>();

  function levelOf(key: string): number {
    const bucket = buckets.get(key);
    if (bucket === undefined) return 0;
    // A clock that was set back would otherwise add to the level.
    const leaked = Math.max(0, now() - bucket.at) / everyMs;
    return Math.max(0, bucket.level - leaked);
  }

  return {
    hasRoom: (key: string) => levelOf(key) <= burst - 1,
    take(key: string) {
      // Attempts at the same time may exceed the burst, but by one at most, so that the wait stays short.
      const level = Math.min(levelOf(key) + 1, burst + 1);
      buckets.delete(key);
      const oldest = buckets.size >= MAX_KEYS ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      buckets.set(key, { level, at: now() });
    },
  };
}

import { isIPv6 } from 'node:net';

export interface LoginRateOptions {
  /** How many attempts an address has within the window. */
  attempts: number;
  windowMs: number;
  /** How many addresses are remembered; beyond that the oldest is forgotten. */
  addresses: number;
  /** ms since the epoch; the system's clock by default. */
  now?: () => number;
}

/** Slows the guessing of passwords down, for each address by itself. */
export interface LoginRate {
  /** Takes one attempt before the password is looked at. 0 when it may go on, else the seconds to wait. */
  take(address: string): number;
  /** The password was right: the address starts anew. */
  succeeded(address: string): void;
}

export function createLoginRate(options: LoginRateOptions): LoginRate {
  const { attempts, windowMs, addresses, now = Date.now } = options;
  const windows = new Map<string, { taken: number; endsAt: number }>();

  return {
    take(address) {
      const key = keyOf(address);
      const found = windows.get(key);
      if (!found || found.endsAt <= now()) {
        windows.delete(key);
        windows.set(key, { taken: 1, endsAt: now() + windowMs });
        forgetOldest(windows, addresses);
        return 0;
      }
      if (found.taken >= attempts) return Math.ceil((found.endsAt - now()) / 1000);
      found.taken += 1;
      return 0;
    },
    succeeded(address) {
      windows.delete(keyOf(address));
    },
  };
}

function forgetOldest(windows: Map<string, unknown>, most: number): void {
  const oldest = windows.keys().next();
  if (windows.size > most && !oldest.done) windows.delete(oldest.value);
}

/** Who has one IPv6 address has 2^64 of them: they count as one. */
function keyOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [head = '', tail = ''] = bare.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = bare.includes('::') ? [...before, ...zeros, ...after] : before;
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

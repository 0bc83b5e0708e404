import type { IncomingMessage } from 'node:http';
import { addressKey } from '../../manager/shared/address-key.js';

/** The dashboard's server keeps each new connection for 45 s, with some kB, even one that is refused right after. */
const MAX_PER_MINUTE = 60;
const MAX_ADDRESSES = 10_000;

/** Counts the connections that people without a session begin at the dashboard's socket. */
export interface Guests {
  /** Whether a request makes the dashboard's server begin a connection. */
  isBegun(request: IncomingMessage): boolean;
  /** Counts a new connection. False if the address has begun too many within this minute. */
  take(address: string): boolean;
}

/** Creates the counter of connections. It forgets everything when a minute of the clock ends. */
export function createGuests(): Guests {
  const begun = new Map<string, number>();
  let minute = 0;
  return {
    isBegun: ({ url = '' }) => url.includes('socket.io') && !sessionIn(url),
    take(address) {
      const current = Math.floor(Date.now() / 60_000);
      if (current !== minute) {
        minute = current;
        begun.clear();
      }
      const key = addressKey(address);
      const count = (begun.get(key) ?? 0) + 1;
      if (count > MAX_PER_MINUTE || begun.size >= MAX_ADDRESSES) return false;
      begun.set(key, count);
      return true;
    },
  };
}

/** The id of the connection, read as the dashboard's server does: an empty one, or the name within another value, is none. */
function sessionIn(url: string): string | undefined {
  if (!URL.canParse(url, 'http://here.invalid')) return undefined;
  return new URL(url, 'http://here.invalid').searchParams.getAll('sid').at(-1);
}

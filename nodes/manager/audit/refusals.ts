import { addressKey } from '../shared/address-key.js';
import type { NewAuditEntry } from './audit-entry.js';

export interface RefusalOptions {
  /** Writes one entry; never rejects. */
  write(entry: NewAuditEntry): Promise<void>;
  /** How long refusals are counted before they become an entry, ms; a minute by default. */
  everyMs?: number;
}

/** Counts refusals and seldom writes them, since anybody can cause any number of them. */
export interface Refusals {
  /** Writes or counts a refusal; resolves when that is done. */
  record(entry: NewAuditEntry): Promise<void>;
  /** Writes the counts and stops. */
  close(): void;
}

const MINUTE = 60_000;
/** How many callers have entries of their own within a minute; the others share one for each action. */
const MAX_CALLERS = 30;
/** The longest name that is kept of a caller who is not signed in, in characters. */
const MAX_NAME_LENGTH = 100;

interface Counted {
  /** The last refusal. */
  entry: NewAuditEntry;
  /** The number of refusals since the last entry was written. */
  count: number;
}

/**
 * Creates the counter. The first refusal of an action to a caller becomes an entry at once, further ones become one entry a minute with
 * their `count`. A caller is an address, since names can be made up, and for somebody signed in also the name. However many callers there
 * are, 60 entries a minute are written at most, and one more for each action.
 */
export function createRefusals({ write, everyMs = MINUTE }: RefusalOptions): Refusals {
  let counted = new Map<string, Counted>();
  let timer: NodeJS.Timeout | null = null;

  const writeCounted = (): void => {
    timer = null;
    // A caller that was refused in this minute stays counted, without an entry at once for the next refusal.
    counted = new Map([...counted].filter(([, { count }]) => count > 0));
    for (const each of counted.values()) {
      void write({ ...each.entry, detail: { ...each.entry.detail, count: each.count } });
      each.count = 0;
    }
    if (counted.size > 0) start();
  };
  const start = () => {
    timer ??= setTimeout(writeCounted, everyMs).unref();
  };

  return {
    async record(given) {
      const entry = given.role === null ? { ...given, who: given.who.slice(0, MAX_NAME_LENGTH) } : given;
      start();
      const key = keyOf(entry);
      const found = counted.get(key);
      if (found !== undefined) return add(found, entry);
      if (counted.size < MAX_CALLERS) {
        counted.set(key, { entry, count: 0 });
        return await write(entry);
      }
      const shared = {
        ...entry,
        who: 'several callers',
        role: null,
        address: null,
        clientid: null,
        detail: {},
      };
      const others = counted.get(entry.action) ?? { entry: shared, count: 0 };
      counted.set(entry.action, others);
      add(others, shared);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      writeCounted();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function add(counted: Counted, entry: NewAuditEntry): void {
  counted.entry = entry;
  counted.count += 1;
}

function keyOf({ action, who, role, address }: NewAuditEntry): string {
  return JSON.stringify([action, role === null ? null : who, addressKey(address ?? '')]);
}

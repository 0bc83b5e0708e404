import { addressKey } from '../shared/address-key.js';
import { foldedName } from '../shared/folded-name.js';
import { countTries } from './counted-tries.js';
import { createKnownPlaces } from './known-places.js';

const MINUTE = 60_000;

export const SIGN_IN_LIMITS = {
  windowMs: 10 * MINUTE,
  /** Wrong passwords from one address, for any names. */
  ofAddress: 10,
  /** Wrong passwords for one person from an address where that person has signed in before. */
  ofPair: 10,
  /** So many wrong passwords for one name from anywhere are an attack on it. Then each strange address has one try. */
  ofName: 50,
  /** Wrong API tokens from one address. */
  ofTokens: 100,
  /** How many subjects of each kind are remembered. */
  remembered: 10_000,
  /** How many addresses of a person are remembered. */
  places: 20,
};
/** Longest name that counts, characters; no account has a longer one. */
const MAX_NAME_LENGTH = 200;

export interface SignInLimiterOptions {
  limits?: Partial<typeof SIGN_IN_LIMITS>;
  /** ms since the epoch; the system's clock by default. */
  now?: () => number;
}

/**
 * An admitted try to sign in. Call `succeeded` when the password was right, `undo` when none was checked, and neither when it was wrong.
 */
export interface Try {
  waitSeconds: 0;
  /** Whether this person has signed in from this address before. */
  isKnown: boolean;
  /** The password was right: the person's tries from this address no longer count. */
  succeeded(): void;
  /** No password was checked: this try does not count. */
  undo(): void;
}

/** Limits the guessing of passwords and tokens, at all places to sign in together. Needs bounded memory. */
export interface SignInLimiter {
  /**
   * Admits a try for a name, as typed, from an IP address, before the password is checked, or says how long to wait. Wrong tries count for
   * their address. Tries of others never lock a person out of a known address, from which the person has signed in before: there, only
   * tries for this person from this address count. A strange address has its first try even for a name that is under attack.
   */
  take(name: string, address: string): Try | { waitSeconds: number };
  /** Counts a wrong API token. Returns 0, or how many seconds its address has to wait after too many. A right token is not affected. */
  wrongToken(address: string): number;
}

/** Creates the limiter. */
export function createSignInLimiter(options: SignInLimiterOptions = {}): SignInLimiter {
  const limits = { ...SIGN_IN_LIMITS, ...options.limits };
  const { windowMs, remembered, now = Date.now } = { ...limits, ...options };
  const newCount = () => countTries({ windowMs, most: remembered, now });
  const ofAddress = newCount();
  const ofPair = newCount();
  const ofName = newCount();
  const ofTokens = newCount();
  const known = createKnownPlaces({ people: remembered, places: limits.places });

  /** Seconds that each full counter makes this try wait. */
  const fullFor = (person: string, place: string, isKnown: boolean) => {
    const pair = `${place} ${person}`;
    if (isKnown) return ofPair.count(pair) >= limits.ofPair ? [ofPair.secondsLeft(pair)] : [];
    const isUnderAttack = ofName.count(person) >= limits.ofName;
    return [
      ...(ofAddress.count(place) >= limits.ofAddress ? [ofAddress.secondsLeft(place)] : []),
      ...(isUnderAttack && ofPair.count(pair) > 0 ? [ofPair.secondsLeft(pair)] : []),
    ];
  };

  return {
    take(name, address) {
      const person = foldedName(name.slice(0, MAX_NAME_LENGTH));
      const place = addressKey(address);
      const pair = `${place} ${person}`;
      const isKnown = known.has(person, place);
      const waits = fullFor(person, place, isKnown);
      if (waits.length > 0) return { waitSeconds: Math.max(1, ...waits) };
      ofPair.add(pair);
      if (!isKnown) {
        ofAddress.add(place);
        ofName.add(person);
      }
      const giveBack = (number: number) => {
        ofPair.giveBack(pair, number);
        if (isKnown) return;
        ofAddress.giveBack(place, number);
        ofName.giveBack(person, number);
      };
      return {
        waitSeconds: 0,
        isKnown,
        succeeded() {
          // Also takes back the person's earlier typing errors from there, but none of the tries for other names.
          giveBack(ofPair.count(pair));
          known.add(person, place);
        },
        undo: () => giveBack(1),
      };
    },
    wrongToken(address) {
      const place = addressKey(address);
      if (ofTokens.count(place) >= limits.ofTokens) return Math.max(1, ofTokens.secondsLeft(place));
      ofTokens.add(place);
      return 0;
    },
  };
}

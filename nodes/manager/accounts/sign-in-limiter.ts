import { addressKey } from '../shared/address-key.js';
import { foldedName } from '../shared/folded-name.js';
import { countTries } from './counted-tries.js';
import { createKnownPlaces } from './known-places.js';

const MINUTE = 60_000;

export const SIGN_IN_LIMITS = {
  windowMs: 10 * MINUTE,
  /** Wrong passwords from one address, whatever the names. */
  ofAddress: 10,
  /** Wrong passwords for one person from an address where that person has signed in before. */
  ofPair: 10,
  /** So many wrong passwords for one name from anywhere are an attack on it: then each strange address has one try. */
  ofName: 50,
  /** Wrong API tokens from one address. */
  ofTokens: 100,
  /** How many subjects of each kind are remembered. */
  remembered: 10_000,
  /** From how many addresses a person may be known. */
  places: 20,
};
/** No account has a longer one. */
const MAX_NAME_LENGTH = 200;

export interface SignInLimiterOptions {
  limits?: Partial<typeof SIGN_IN_LIMITS>;
  /** ms since the epoch; the system's clock by default. */
  now?: () => number;
}

/** One try to sign in that was let through; exactly one of the two is called when it ends well or ends without an answer. */
export interface Try {
  waitSeconds: 0;
  /** Whether this person has signed in from this address before. */
  isKnown: boolean;
  /** The password was right. */
  succeeded(): void;
  /** No password was looked at. */
  undo(): void;
}

/** Slows the guessing of passwords and tokens down, at all doors together. Holds everything in bounded memory. */
export interface SignInLimiter {
  /**
   * Takes one try of a name, as typed, from an IP address, before the password is looked at; or says for how long to wait. Wrong
   * tries count for their address. Those of others never keep a person out: from an address where the person has signed in before
   * only the person's own tries count, and a strange address has its first try also for a name that is under attack.
   */
  take(name: string, address: string): Try | { waitSeconds: number };
  /** Counts a wrong API token; 0, or for how many seconds its address had too many. A right one is never asked about. */
  wrongToken(address: string): number;
}

export function createSignInLimiter(options: SignInLimiterOptions = {}): SignInLimiter {
  const limits = { ...SIGN_IN_LIMITS, ...options.limits };
  const { windowMs, remembered, now = Date.now } = { ...limits, ...options };
  const newCount = () => countTries({ windowMs, most: remembered, now });
  const ofAddress = newCount();
  const ofPair = newCount();
  const ofName = newCount();
  const ofTokens = newCount();
  const known = createKnownPlaces({ people: remembered, places: limits.places });

  /** Counters that are full for this try, with the subject. */
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
          // Also what the same person mistyped there before, and nothing of what anybody tried for other names.
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

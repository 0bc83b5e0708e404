import type { VersionOutcome } from './connection.js';
import type { MqttVersion } from './target.js';

/** Which version of MQTT a broker is spoken to in. */
export interface VersionChoice {
  /** Of the next attempt. */
  next(): MqttVersion;
  /** The connection that is ready only shows that the broker is there: end it, and try the other version now. */
  isOnlyATrial(): boolean;
  /** What became of an attempt; true when the next one need not wait, since the broker is there. */
  ended(outcome: VersionOutcome): boolean;
}

/** So often a connection may be closed without a word before the version is doubted. */
const MAX_UNHEARD = 2;

/**
 * - `asking`: MQTT 5, as long as nothing speaks against it;
 * - `refused`: it was refused in words of the protocol; 3.1.1 for one connection, since the broker may be upgraded;
 * - `trial`: the connection was closed without a word, as a broker does that does not know the version, and a proxy whose
 *   broker is away: 3.1.1 to see whether anybody is there;
 * - `proof`: somebody is: MQTT 5 once more;
 * - `settled`: it is not heard: 3.1.1 until that is not heard either.
 */
type State = 'asking' | 'refused' | 'trial' | 'proof' | 'settled';

/**
 * MQTT 5 tells what 3.1.1 does not: that nobody listens, why something was refused, how much may be sent. So it is tried
 * first, and given up only for a broker that certainly does not take it.
 */
export function createVersionChoice(): VersionChoice {
  let state: State = 'asking';
  let unheard = 0;

  function go(next: State): void {
    state = next;
    unheard = 0;
  }

  return {
    next: () => (state === 'asking' || state === 'proof' ? 5 : 4),
    isOnlyATrial: () => state === 'trial',
    ended(outcome) {
      const was = state;
      if (outcome === 'refused') {
        go(was === 'asking' || was === 'proof' ? 'refused' : 'asking');
        return state === 'refused';
      }
      unheard = outcome === 'unheard' ? unheard + 1 : 0;
      if (was === 'proof') go(outcome === 'unheard' ? 'settled' : 'asking');
      else if (was === 'refused') go('asking');
      else if (was === 'trial') go(outcome === 'answered' ? 'proof' : 'asking');
      else if (unheard >= MAX_UNHEARD) go(was === 'asking' ? 'trial' : 'asking');
      return state !== was && (state === 'proof' || state === 'settled');
    },
  };
}

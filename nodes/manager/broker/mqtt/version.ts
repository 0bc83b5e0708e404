import type { VersionOutcome } from './connection.js';
import type { MqttVersion } from './target.js';

/** Chooses the version of MQTT for each connection to a broker. */
export interface VersionChoice {
  /** The version for the next attempt. */
  next(): MqttVersion;
  /** True if the connection only serves to find out whether the broker answers: when it is ready, end it and connect again at once. */
  isOnlyATrial(): boolean;
  /** Takes the outcome of an attempt. True if the next attempt need not wait, since the broker answers. */
  ended(outcome: VersionOutcome): boolean;
}

/** After this many connections in a row that the broker closed without an answer, the version may be the cause. */
const MAX_UNHEARD = 2;

/**
 * - `asking`: uses MQTT 5, the normal case;
 * - `refused`: the broker refused MQTT 5. Uses 3.1.1 for one connection, and then asks again, since the broker may be upgraded;
 * - `trial`: the connection was closed without an answer. A broker that does not know MQTT 5 does that, but so does a proxy whose broker is
 *   down. Uses 3.1.1 to see whether a broker answers;
 * - `proof`: a broker answered in 3.1.1. Uses MQTT 5 once more;
 * - `settled`: MQTT 5 got no answer again. Uses 3.1.1 until that gets no answer either.
 */
type State = 'asking' | 'refused' | 'trial' | 'proof' | 'settled';

/**
 * Creates the choice for one address. It prefers MQTT 5, which reports what 3.1.1 does not: that a topic has no subscriber, why a message
 * was refused, and how much may be sent. It falls back to 3.1.1 only if the broker certainly does not accept MQTT 5.
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

import { type Caller, personOf } from '../../api/caller.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { createTurns, type Turns } from '../../manager/shared/turns.js';
import { yieldToEventLoop } from '../../manager/shared/yield-to-event-loop.js';
import { loadReason } from './load-reasons.js';
import { createUploads, type Uploads } from './uploads.js';

const MAX_AT_ONCE = 40;
const MAX_SUBSCRIPTIONS = 200;
/** A person has few costly requests waiting, because a browser requests the parts of a file one after the other. */
const COSTLY = { atOnce: 4, atOnceEach: 1, waitingEach: 10 };
/** The limit is higher than for calls, because each change may affect the subscriptions of all open pages. */
const REFRESHES = { atOnce: 64, atOnceEach: 16, waitingEach: MAX_SUBSCRIPTIONS };

/** The load limits per person, across all widgets, pages and browsers. */
export interface LoadLimits {
  /** Runs a call. Rejects with BUSY if the person has too many calls in progress. */
  once<Result>(caller: Caller, isCostly: boolean, work: () => Promise<Result>): Promise<Result>;
  /** Answers a subscription again when it is the person's turn. */
  again<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result>;
  /** Counts a subscription. Returns a function to call when the subscription ends. Throws BUSY if the person has too many subscriptions. */
  subscribe(caller: Caller): () => void;
  /** The uploads that arrive in parts. */
  uploads: Uploads;
}

/** Creates the limits. All widgets must share one object, because the limits count per person. */
export function createLoadLimits(): LoadLimits {
  const costly: Turns = createTurns(COSTLY);
  const refreshed: Turns = createTurns(REFRESHES);
  const working = createCounts();
  const subscriptions = createCounts();

  return {
    uploads: createUploads(),
    async once(caller, isCostly, work) {
      const person = personOf(caller);
      if (working.of(person) >= MAX_AT_ONCE) throw new TpeError('BUSY', loadReason('too-many-calls'));
      const end = working.add(person);
      try {
        // Lets other events be handled between requests that arrived together.
        await yieldToEventLoop();
        return isCostly ? await costly.run(person, work) : await work();
      } finally {
        end();
      }
    },
    again: (caller, work) =>
      refreshed.run(personOf(caller), async () => {
        await yieldToEventLoop();
        return await work();
      }),
    subscribe(caller) {
      const person = personOf(caller);
      if (subscriptions.of(person) >= MAX_SUBSCRIPTIONS)
        throw new TpeError('BUSY', loadReason('too-many-subscriptions'));
      return subscriptions.add(person);
    },
  };
}

function createCounts() {
  const counts = new Map<string, number>();
  return {
    of: (person: string) => counts.get(person) ?? 0,
    /** Adds one, and returns a function that takes it away again; further calls of that function do nothing. */
    add(person: string): () => void {
      counts.set(person, (counts.get(person) ?? 0) + 1);
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        const left = (counts.get(person) ?? 1) - 1;
        if (left > 0) counts.set(person, left);
        else counts.delete(person);
      };
    },
  };
}

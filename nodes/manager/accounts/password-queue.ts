import { addressKey } from '../shared/address-key.js';
import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';

/** A caller who waits for the check of a password. */
export interface QueuedCaller {
  /** IP address. */
  address: string;
  /** The person has signed in from this address before, and so comes before strangers and does not share their bound. */
  isKnown: boolean;
}

/** Checks passwords one by one, because each check takes 32 MiB and a core for 0.1 s. */
export interface PasswordQueue {
  /**
   * Does `work` when the caller's turn comes. When too many wait, the newest call of the address with the most calls is rejected with BUSY.
   */
  run<Result>(caller: QueuedCaller, work: () => Promise<Result>): Promise<Result>;
}

interface Job {
  start(): Promise<void>;
  refuse(): void;
}

/**
 * Creates the queue for one place to sign in, so that a crowd at another place does not fill it. Addresses take turns. `mostWaiting` bounds
 * the calls that wait, including the one under way, for known people and strangers each.
 */
export function createPasswordQueue(mostWaiting: number): PasswordQueue {
  const lanes = { known: createLane(), strangers: createLane() };
  /** The lane of the job under way, which counts as waiting. */
  let working: Lane | null = null;

  const next = async () => {
    while (working === null) {
      const lane = lanes.known.size() > 0 ? lanes.known : lanes.strangers;
      const job = lane.shift();
      if (job === undefined) return;
      working = lane;
      await job.start();
      working = null;
    }
  };

  const enter = (lane: Lane, place: string, job: Job) => {
    lane.push(place, job);
    if (lane.size() + (working === lane ? 1 : 0) > mostWaiting) lane.dropFromLongest()?.refuse();
    void next();
  };

  return {
    run: ({ address, isKnown }, work) =>
      new Promise((resolve, reject) => {
        enter(isKnown ? lanes.known : lanes.strangers, addressKey(address), {
          start: () => work().then(resolve, reject),
          refuse: () => reject(busy()),
        });
      }),
  };
}

interface Lane {
  size(): number;
  push(place: string, job: Job): void;
  /** Takes the next job of the address whose turn it is. */
  shift(): Job | undefined;
  /** Removes the newest job of the address with the most jobs; of several such addresses, the last one. */
  dropFromLongest(): Job | undefined;
}

function createLane(): Lane {
  const waiting = new Map<string, Job[]>();
  let size = 0;

  const taken = (place: string, jobs: Job[], job: Job | undefined) => {
    size -= 1;
    if (jobs.length === 0) waiting.delete(place);
    return job;
  };

  return {
    size: () => size,
    push(place, job) {
      const jobs = waiting.get(place) ?? [];
      jobs.push(job);
      waiting.set(place, jobs);
      size += 1;
    },
    shift() {
      const [place, jobs] = waiting.entries().next().value ?? [];
      if (place === undefined || jobs === undefined) return undefined;
      // Moves the address behind all others.
      waiting.delete(place);
      waiting.set(place, jobs);
      return taken(place, jobs, jobs.shift());
    },
    dropFromLongest() {
      const [longest] = [...waiting].toSorted(([, one], [, other]) => one.length - other.length).slice(-1);
      return longest && taken(...longest, longest[1].pop());
    },
  };
}

function busy(): TpeError {
  return new TpeError('BUSY', accountReason('too-many-sign-ins'));
}

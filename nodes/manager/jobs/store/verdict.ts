import { backoffMs } from '../../shared/backoff.js';
import type { Reason } from '../../shared/reason.js';
import { repositoryReason } from '../../updates/repository/repository-reasons.js';
import type { JobPace } from '../definition/definition.js';
import type { AttemptResult, ExecutionState, WaitingFor } from '../execution.js';
import type { JobState } from '../job.js';
import { jobReason } from '../job-reasons.js';

/** How often an execution was tried before, as its row has it. */
export interface TriesBefore {
  failed_tries: number;
  timed_out_tries: number;
  busy_times: number;
}

/** What becomes of an execution whose attempt has ended. */
export interface Verdict {
  state: ExecutionState;
  /** Set if it is QUEUED again; then `reason` is what it waits for. */
  waitingFor: WaitingFor | null;
  reason: Reason | null;
  /** Looked at again in so many seconds; null: when something happens. */
  again: number | null;
  isUncertain: boolean;
  mayRepeat: boolean;
  /** It is begun from its first step when it is tried again. */
  fromStart: boolean;
  /** How much the counters of its row grow. */
  failedTries: number;
  timedOutTries: number;
  busyTimes: number;
  /** The attempt says nothing of the gateway but of the repository: the job is paused for it. */
  repositoryFault: boolean;
}

/** The most attempts that ended with a failure. */
const MOST_TRIES = 10;
/** The most times that a gateway may say "later". */
const MOST_BUSY = 20;
const AGAIN_S = { busy: 20, guard: 20, stop: 20 };
const RETRY = { longestMs: 7 * 86_400_000, spread: [0.75, 1.25] as const };

const NOTHING = {
  waitingFor: null,
  again: null,
  isUncertain: false,
  mayRepeat: false,
  fromStart: false,
  failedTries: 0,
  timedOutTries: 0,
  busyTimes: 0,
  repositoryFault: false,
} as const;

/** Decides what follows from the result of an attempt. */
export function verdictOf(
  result: AttemptResult,
  before: TriesBefore,
  pace: JobPace,
  jobState: JobState,
): Verdict {
  const goesOn = jobState === 'RUNNING' || jobState === 'PAUSED';
  if ('waitingFor' in result) return goesOn ? waitAgain(result, before) : canceled(result.reason);
  const ended: Verdict = { ...NOTHING, ...result };
  if (isRepositoryFault(result.reason) && goesOn && result.state === 'FAILED') {
    return { ...NOTHING, state: 'QUEUED', waitingFor: 'busy', reason: result.reason, repositoryFault: true };
  }
  if (result.state !== 'FAILED' && result.state !== 'TIMED_OUT') return ended;
  const isFailed = result.state === 'FAILED';
  const counted: Verdict = { ...ended, failedTries: isFailed ? 1 : 0, timedOutTries: isFailed ? 0 : 1 };
  const sofar = isFailed ? before.failed_tries : before.timed_out_tries;
  const allowed = isFailed ? pace.retryFailed : pace.retryTimedOut;
  const all = before.failed_tries + before.timed_out_tries;
  if (!goesOn || !result.mayRepeat || sofar >= allowed || all + 1 >= MOST_TRIES) return counted;
  const again = backoffMs(all, { firstMs: pace.backoffSeconds * 1000, ...RETRY }) / 1000;
  return {
    ...counted,
    ...{ state: 'QUEUED', waitingFor: 'retry', again, fromStart: true },
    reason: result.reason ?? jobReason('job-waits-retry'),
  };
}

function waitAgain(
  { waitingFor, reason }: Extract<AttemptResult, { waitingFor: unknown }>,
  { busy_times: before }: TriesBefore,
): Verdict {
  if (waitingFor === 'offline') {
    return { ...NOTHING, state: 'QUEUED', waitingFor, reason: reason ?? jobReason('job-waits-offline') };
  }
  if (waitingFor === 'busy' && before + 1 > MOST_BUSY) {
    const code = reason?.cause?.code === 'nobody-listens' ? 'job-nobody-listens' : 'job-busy-too-often';
    const why = jobReason(code, { count: MOST_BUSY, reason: reason ?? '' });
    return { ...NOTHING, state: 'FAILED', reason: why, busyTimes: 1 };
  }
  const again = AGAIN_S[waitingFor] * (0.75 + Math.random() / 2);
  return { ...NOTHING, state: 'QUEUED', waitingFor, reason, again, busyTimes: waitingFor === 'busy' ? 1 : 0 };
}

function canceled(reason: Reason | null): Verdict {
  return { ...NOTHING, state: 'CANCELED', reason };
}

function isRepositoryFault(reason: Reason | null): boolean {
  const code = reason?.cause?.code;
  return code !== undefined && Object.hasOwn(repositoryReason.texts, code);
}

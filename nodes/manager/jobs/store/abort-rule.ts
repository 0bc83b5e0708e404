import type { Reason } from '../../shared/reason.js';
import type { ExecutionState } from '../execution.js';
import { jobReason } from '../job-reasons.js';

/** What the rule counts: gateways that were tried since the job was begun, or went on after failures. */
export interface Tries {
  failuresInRow: number;
  tried: number;
  failed: number;
}

export const NO_TRIES: Tries = { failuresInRow: 0, tried: 0, failed: 0 };

const MOST_IN_ROW = 3;
/** The share of failures that is too many, once so many were tried. */
const SHARE = { tried: 10, percent: 10 };

const FAILURES: ReadonlySet<ExecutionState> = new Set(['FAILED', 'TIMED_OUT', 'REJECTED']);
const SUCCESSES: ReadonlySet<ExecutionState> = new Set(['SUCCEEDED', 'ALREADY_DONE']);

/** Counts a gateway that was tried. What a person canceled says nothing. */
export function withResult(tries: Tries, state: ExecutionState): Tries {
  const { failuresInRow, tried, failed } = tries;
  if (FAILURES.has(state)) {
    return { failuresInRow: failuresInRow + 1, tried: tried + 1, failed: failed + 1 };
  }
  return SUCCESSES.has(state) ? { failuresInRow: 0, tried: tried + 1, failed } : tries;
}

/** Why the job has to stop and ask a person; null if it may go on. */
export function tooManyFailures({ failuresInRow, tried, failed }: Tries): Reason | null {
  if (failuresInRow >= MOST_IN_ROW) return jobReason('job-failures-in-row', { count: failuresInRow });
  if (tried >= SHARE.tried && failed * 100 > tried * SHARE.percent) {
    return jobReason('job-failures-share', { failed, tried });
  }
  return null;
}

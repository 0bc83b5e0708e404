import type { KeepOptions } from '../store/upkeep.js';

/** The intervals and limits of the engine of jobs. Tests hurry. */
export interface JobTiming {
  /** How often a running job is looked at, ms, when nothing wakes it. */
  lookMs: number;
  /** The least time between two looks, ms. */
  leastMs: number;
  /** How often an open job is looked at that does not run, ms. */
  restMs: number;
  /** How often deadlines and counts are looked at, ms. */
  controlMs: number;
  /** After so long without a round, another manager may take over the control, ms. */
  turnMs: number;
  /** How often news that were missed are looked for, ms. */
  sweepMs: number;
  /** How long a gateway rests at most between two tries that nobody heard, where the broker does not tell who is connected, ms. */
  unheardMs: number;
  /** How often a job is counted anew, s. */
  recountS: number;
  /** How long after its deadline an attempt is ended from outside, s. */
  graceS: number;
  /** For how long connects are gathered, ms. */
  gatherMs: number;
  /** The least time between two news of the counts of one job, ms. */
  newsMs: number;
  /** How many may be under way in one manager. */
  mostUnderWay: number;
  keep: KeepOptions;
}

export const JOB_TIMING: JobTiming = {
  lookMs: 1000,
  leastMs: 50,
  restMs: 60_000,
  controlMs: 2000,
  turnMs: 10_000,
  sweepMs: 60_000,
  unheardMs: 300_000,
  recountS: 60,
  graceS: 60,
  gatherMs: 250,
  newsMs: 250,
  mostUnderWay: 500,
  keep: { executionDays: 365, attemptDays: 90, mostExecutions: 1_000_000 },
};

import type { ExecutionCounts, JobState, Outcome } from '../job.js';

/** How a job ended whose gateways are all decided. Those that were removed were not there to be reached. */
export function outcomeOf(total: number, counts: ExecutionCounts): Outcome {
  const there = total - counts.REMOVED;
  const good = counts.SUCCEEDED + counts.ALREADY_DONE;
  if (counts.ALREADY_DONE === there) return 'NOTHING_TO_DO';
  if (good === there) return 'SUCCEEDED';
  return good === 0 ? 'FAILED' : 'PARTLY';
}

/** The state of a job with nothing left open: an open one is over. */
export function endOf(state: JobState, counts: ExecutionCounts): JobState {
  if (counts.QUEUED + counts.IN_PROGRESS > 0) return state;
  if (state === 'RUNNING' || state === 'PAUSED') return 'COMPLETED';
  return state === 'CANCELING' ? 'CANCELED' : state;
}

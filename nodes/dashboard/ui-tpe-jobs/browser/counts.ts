import type { ExecutionState, WaitingFor } from '../../../manager/jobs/execution.js';
import { PART_OF, type Part } from '../../../manager/jobs/execution-parts.js';
import type { ExecutionCounts, Job } from '../../../manager/jobs/job.js';

/** The colour of each part, for what is drawn. Those of the style sheet. */
export const COLOURS: Record<Part, string> = {
  done: '#1f9d55',
  failed: '#e0433a',
  inProgress: '#2b7bbb',
  waiting: '#b9c2cb',
  leftOut: '#7b8794',
};

/** How many gateways are in each part. */
export function partsOf(counts: Partial<ExecutionCounts>): Record<Part, number> {
  const parts: Record<Part, number> = { done: 0, failed: 0, inProgress: 0, waiting: 0, leftOut: 0 };
  for (const [state, count] of Object.entries(counts)) parts[PART_OF[state as ExecutionState]] += count;
  return parts;
}

/** The number of all executions that are counted. */
export function totalOf(counts: Partial<ExecutionCounts>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** A job that has ended is shown by how it ended. */
export function shownState({ state, outcome }: Pick<Job, 'state' | 'outcome'>) {
  return state === 'COMPLETED' && outcome !== null ? outcome : state;
}

/** How far a job was at some time. */
interface Progress {
  at: string;
  succeeded: number;
  failed: number;
}

/**
 * The points of the line of a job: what was noted of it, after its beginning and before how it stands now. Notes are made at times, so a
 * quick job has none. `now` is in ms since the epoch.
 */
export function lineOf(
  noted: readonly Progress[],
  { submittedAt, endedAt, counts }: Pick<Job, 'submittedAt' | 'endedAt' | 'counts'>,
  now: number,
): Progress[] {
  const begin = { at: submittedAt ?? noted[0]?.at ?? new Date(now).toISOString(), succeeded: 0, failed: 0 };
  const { done, failed } = partsOf(counts);
  // The clock of the browser may be behind.
  const latest = Math.max(now, ...noted.map(({ at }) => Date.parse(at)), Date.parse(begin.at));
  const at = endedAt ?? new Date(latest).toISOString();
  return [begin, ...noted, { at, succeeded: done, failed: failed + counts.EXPIRED }];
}

/** How many wait for what nobody can foresee: a gateway that is offline, and a person who lifts a stop. */
export function uncountedOf(waiting: Record<WaitingFor, number> | null | undefined) {
  return { offline: waiting?.offline ?? 0, window: waiting?.window ?? 0, stop: waiting?.stop ?? 0 };
}

/**
 * When a job will probably have decided all of its gateways but `uncounted` of them, ms since the epoch, if it goes on as it did since
 * `points` began. Null while that cannot be said.
 */
export function expectedEnd(points: readonly Progress[], total: number, uncounted: number): number | null {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  const decided = last.succeeded + last.failed;
  const grown = decided - first.succeeded - first.failed;
  const took = Date.parse(last.at) - Date.parse(first.at);
  const left = total - decided - uncounted;
  if (grown <= 0 || took <= 0 || left <= 0) return null;
  return Date.parse(last.at) + (left * took) / grown;
}

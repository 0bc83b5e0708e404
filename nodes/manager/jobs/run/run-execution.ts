import type { Reason } from '../../shared/reason.js';
import type { JobStep } from '../definition/definition.js';
import type { AttemptResult, ExecutionWork } from '../execution.js';
import type { Job } from '../job.js';

/** The reason of a signal that is aborted because a person has given an execution up. */
export const FORCED = 'force';

/** Whether a person has given up what has this signal: only what is done in any case is left. */
export function isForced({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason === FORCED;
}

/**
 * Carries out one attempt of a job on one gateway. `onStep` is called and awaited before a step begins: it writes into the database how far
 * the attempt has come. When `signal` is aborted because the manager closes, it rejects with CLOSED and everything stays as it is; when a
 * person gave the execution up, the reason of the signal is FORCED, and steps are done that are done in any case.
 */
export type RunExecution = (
  work: ExecutionWork,
  how: {
    definition: Job['definition'];
    steps: JobStep[];
    signal: AbortSignal;
    /** Aborted when the attempt is no longer carried out here, also behind a `signal` that was aborted before. */
    closing: AbortSignal;
    /** `withinMs` is how long a step may take that is done in any case, after a failure; else null. */
    onStep(step: number, failure: Reason | null, withinMs: number | null): Promise<void>;
  },
) => Promise<AttemptResult>;

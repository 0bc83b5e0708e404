import type { Reason } from '../../shared/reason.js';
import type { JobStep } from '../definition/definition.js';
import type { AttemptResult, ExecutionWork } from '../execution.js';
import type { Job } from '../job.js';

/**
 * Carries out one attempt of a job on one gateway. `onStep` is called and awaited before a step begins: it writes into the database how far
 * the attempt has come. When `signal` is aborted because the manager closes, it rejects with CLOSED and everything stays as it is; when a
 * person gave the execution up, the reason of the signal is `'force'`.
 */
export type RunExecution = (
  work: ExecutionWork,
  how: {
    definition: Job['definition'];
    steps: JobStep[];
    signal: AbortSignal;
    onStep(step: number, failure: Reason | null): Promise<void>;
  },
) => Promise<AttemptResult>;

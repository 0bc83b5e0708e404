import { messageOf } from '../../shared/tpe-error.js';
import type { AttemptResult, Execution } from '../execution.js';
import { type JobGuard, type SlotEnd, slotOwner } from '../job-guard.js';
import type { JobPlanner } from '../planner.js';
import type { Decided } from '../store/decisions.js';
import type { JobRow } from '../store/job-row.js';

export interface SlotReturnOptions {
  guard: JobGuard;
  planner: Pick<JobPlanner, 'leavesRestarting'>;
  onFault(text: string): void;
  signal: AbortSignal;
}

/** Creates what gives back the slot of an attempt that has ended. What fails is found by the sweep of the guard. */
export function createSlotReturn({ guard, planner, onFault, signal }: SlotReturnOptions) {
  function slotEndOf(job: JobRow, { step }: Execution, result: AttemptResult): SlotEnd {
    const end = endOf(result, step);
    if (end !== 'done' || ('state' in result && result.state === 'ALREADY_DONE')) return end;
    const done = 'state' in result ? job.steps : job.steps.slice(0, step);
    return planner.leavesRestarting(done) ? 'restarts' : end;
  }

  return ({ job, execution }: NonNullable<Decided>, result: AttemptResult): void => {
    if (!guard.disturbs(job)) return;
    const { clientid, attempts: attempt } = execution;
    guard
      .ended(slotOwner({ job: job.id, clientid, attempt }), slotEndOf(job, execution, result))
      .catch((error) => {
        if (!signal.aborted) onFault(`A slot could not be given back: ${messageOf(error)}`);
      });
  };
}

/** `step` is the one that an attempt was at. */
function endOf(result: AttemptResult, step: number): SlotEnd {
  const hasNotBegun = 'waitingFor' in result || result.state === 'REJECTED';
  if (hasNotBegun && step === 0) return 'never-sent';
  if ('waitingFor' in result) return result.waitingFor === 'offline' ? 'unknown' : 'done';
  return result.state === 'SUCCEEDED' || result.state === 'ALREADY_DONE' ? 'done' : 'unknown';
}

import type { JobStep } from '../definition/definition.js';
import type { Ended } from './command-outcome.js';
import type { StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';

/** The end of a step that has sent nothing and has no time left for it; null: it has. */
export function noTimeLeft({ until }: Pick<StepRun, 'until'>, step: JobStep): Ended | null {
  return Date.now() < until ? null : unsentInTime(step);
}

/** The end of a step whose time was over before it sent anything: so it can be begun anew. */
export function unsentInTime({ name }: JobStep): Ended {
  const reason = runReason('run-no-time-left', { step: name });
  return { state: 'TIMED_OUT', reason, isUncertain: false, mayRepeat: true };
}

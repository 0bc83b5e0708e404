import { hasEnded } from '../../commands/command.js';
import { isOver } from '../../updates/install/installation.js';
import type { JobStep } from '../definition/definition.js';
import type { AttemptResult } from '../execution.js';
import { carryOutStep } from './carry-out-step.js';
import { isIdempotent } from './command-outcome.js';
import { commandIsOutThere } from './give-up.js';
import { beganBefore } from './install-step.js';
import { unsentInTime } from './no-time-left.js';
import type { StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';
import { sentBefore } from './sent-once.js';

/** How long a step that has sent something may look what became of it, ms. */
const LOOK_MS = 30_000;

/**
 * Ends a step for which no time is left when it is come to, as after a long stop. It may have sent something before: what that ended with
 * counts, and what is open may still be done.
 */
export async function outOfTime(run: StepRun, step: JobStep): Promise<AttemptResult> {
  const reason = runReason('run-no-time-left', { step: step.name });
  const look = { ...run, until: Date.now() + LOOK_MS };
  if (step.kind === 'command') {
    const { record } = await sentBefore(look);
    if (record !== null && hasEnded(record.state)) return await carryOutStep(look, step);
    if (record !== null && (await commandIsOutThere(look)))
      return { state: 'TIMED_OUT', reason, isUncertain: true, mayRepeat: isIdempotent(record.method) };
  }
  if (step.kind === 'install') {
    const { last } = await beganBefore(look);
    if (last !== null && isOver(last.state)) return await carryOutStep(look, step);
    if (last !== null) return { state: 'TIMED_OUT', reason, isUncertain: true, mayRepeat: true };
  }
  return unsentInTime(step);
}

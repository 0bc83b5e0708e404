import type { OperationSet } from '../../catalogue/operation-set.js';
import { restartsGateway } from '../../catalogue/restarting.js';
import { resolveRequest } from '../../catalogue/validation/resolve-request.js';
import { asGiven } from './check-job-request.js';
import type { JobStep } from './definition.js';

/** Whether a gateway may still restart when these steps are done: one has told it to, and none behind it has waited for it. */
export function leavesRestarting(steps: readonly JobStep[], catalogue: OperationSet): boolean {
  return steps.reduce((isRestarting, step) => {
    if (step.kind === 'waitOnline' || step.kind === 'install') return false;
    if (step.kind !== 'command') return isRestarting;
    if (awaitsRestart(step, catalogue)) return false;
    return isRestarting || restarts(step, catalogue);
  }, false);
}

/** Whether a step ends only once the gateway is well again after a command. Where the job does not say, the operation does. */
export function awaitsRestart(step: JobStep, catalogue: OperationSet): boolean {
  return step.kind === 'command' && (step.command.untilWell ?? restarts(step, catalogue));
}

function restarts({ command }: Extract<JobStep, { kind: 'command' }>, catalogue: OperationSet): boolean {
  return restartsGateway(resolveRequest(catalogue, asGiven(command)));
}

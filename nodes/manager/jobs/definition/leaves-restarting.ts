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
    const { command } = step;
    const restarts = restartsGateway(resolveRequest(catalogue, asGiven(command)));
    if (command.untilWell ?? restarts) return false;
    return isRestarting || restarts;
  }, false);
}

import type { ExecutionState, WaitingFor } from '../../../manager/jobs/execution.js';

/** Which gateways of a job the table shows. Blank is no condition. */
export interface ExecutionView {
  state: ExecutionState | '';
  waitingFor: WaitingFor | '';
  site: string;
  /** The code of a cause. */
  reason: string;
}

/** Shows all of them. */
export function wholeView(): ExecutionView {
  return { state: '', waitingFor: '', site: '', reason: '' };
}

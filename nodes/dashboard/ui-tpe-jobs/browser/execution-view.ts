import { type ExecutionState, WAITING_FOR, type WaitingFor } from '../../../manager/jobs/execution.js';

/** Which gateways of a job the table shows. Blank is no condition. */
export interface ExecutionView {
  state: ExecutionState | '';
  waitingFor: WaitingFor | '';
  site: string;
  /** The code of a cause. */
  reason: string;
  /** Only failed ones that are tried again one by one, since it is not known whether they have done it. */
  isRetriedAlone: boolean;
}

/** What gateways wait for one by one. A stop or a pause holds them together, and is written in no row. */
export const WAITS_ALONE: readonly WaitingFor[] = WAITING_FOR.filter(
  (one) => one !== 'stop' && one !== 'paused',
);

/** Shows those that wait for this: all that wait, where it holds them together. */
export function viewOfWaiting(waitingFor: WaitingFor): Partial<ExecutionView> {
  return WAITS_ALONE.includes(waitingFor) ? { waitingFor } : { state: 'QUEUED' };
}

/** Shows all of them. */
export function wholeView(): ExecutionView {
  return { state: '', waitingFor: '', site: '', reason: '', isRetriedAlone: false };
}

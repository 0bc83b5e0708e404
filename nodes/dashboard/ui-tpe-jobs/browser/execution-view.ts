import {
  EXECUTION_STATES,
  type ExecutionState,
  WAITING_FOR,
  type WaitingFor,
} from '../../../manager/jobs/execution.js';
import { PARTS, type Part } from '../../../manager/jobs/execution-parts.js';
import {
  type AddressParts,
  choice,
  flag,
  text,
  textOrNull,
  viewIn,
} from '../../client/composables/address-view.js';

/** Which gateways of a job the table shows. Blank is no condition; `model` and `firmware` are null for none, since blank is a value. */
export interface ExecutionView {
  state: ExecutionState | '';
  part: Part | '';
  waitingFor: WaitingFor | '';
  site: string;
  /** The code of a cause. */
  reason: string;
  model: string | null;
  firmware: string | null;
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

/** How it stands in the address of the page. */
export const EXECUTION_VIEW: AddressParts<ExecutionView> = {
  state: choice(EXECUTION_STATES, ''),
  part: choice(PARTS, ''),
  waitingFor: choice(WAITS_ALONE, ''),
  site: text(),
  reason: text(),
  model: textOrNull(),
  firmware: textOrNull(),
  isRetriedAlone: flag(),
};

/** Shows all of them. */
export function wholeView(): ExecutionView {
  return viewIn(EXECUTION_VIEW, {});
}

/** What is asked for a view. */
export function queryOf(view: ExecutionView) {
  const { state, part, waitingFor, site, reason, model, firmware, isRetriedAlone } = view;
  return {
    ...(state && { state }),
    ...(part && { part }),
    ...(waitingFor && { waitingFor }),
    ...(site && { site }),
    ...(reason && { reason }),
    ...(model !== null && { model }),
    ...(firmware !== null && { firmware }),
    ...(isRetriedAlone && { isRetriedAlone }),
  };
}

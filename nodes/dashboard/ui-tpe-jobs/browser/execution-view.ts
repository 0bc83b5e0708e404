import {
  EXECUTION_STATES,
  type ExecutionState,
  WAITING_FOR,
  type WaitingFor,
} from '../../../manager/jobs/execution.js';
import { PARTS, type Part } from '../../../manager/jobs/execution-parts.js';

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

/** Shows all of them. */
export function wholeView(): ExecutionView {
  return {
    ...{ state: '', part: '', waitingFor: '', site: '', reason: '' },
    ...{ model: null, firmware: null, isRetriedAlone: false },
  };
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

/** The same for the address of the page, of which `viewIn` reads it. */
export function addressOf(view: ExecutionView): Record<string, string> {
  return Object.fromEntries(Object.entries(queryOf(view)).map(([name, value]) => [name, String(value)]));
}

/** The view that an address has. What it has of no meaning is no condition. */
export function viewIn(query: (name: string) => string | undefined): ExecutionView {
  return {
    state: EXECUTION_STATES.find((one) => one === query('state')) ?? '',
    part: PARTS.find((one) => one === query('part')) ?? '',
    waitingFor: WAITS_ALONE.find((one) => one === query('waitingFor')) ?? '',
    site: query('site') ?? '',
    reason: query('reason') ?? '',
    model: query('model') ?? null,
    firmware: query('firmware') ?? null,
    isRetriedAlone: query('isRetriedAlone') === 'true',
  };
}

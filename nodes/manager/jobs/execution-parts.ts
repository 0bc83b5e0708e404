import { EXECUTION_STATES, type ExecutionState } from './execution.js';

/** How the gateways of a job stand, as its bar, its grid and its sentence show them, in this order. */
export const PARTS = ['done', 'failed', 'inProgress', 'waiting', 'leftOut'] as const;
export type Part = (typeof PARTS)[number];

export const PART_OF: Readonly<Record<ExecutionState, Part>> = {
  SUCCEEDED: 'done',
  ALREADY_DONE: 'done',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  REJECTED: 'failed',
  IN_PROGRESS: 'inProgress',
  QUEUED: 'waiting',
  EXPIRED: 'leftOut',
  CANCELED: 'leftOut',
  REMOVED: 'leftOut',
};

/** The states that a part is made of. */
export function statesOf(part: Part): ExecutionState[] {
  return EXECUTION_STATES.filter((state) => PART_OF[state] === part);
}

/** The states in the order in which people look for them: what went wrong, what happens now, what is to come, what was given up, what is done. */
export const BY_URGENCY: readonly ExecutionState[] = (
  ['failed', 'inProgress', 'waiting', 'leftOut', 'done'] as const
).flatMap(statesOf);

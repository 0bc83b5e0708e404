import { CURSOR } from '../shared/page.js';
import { CAUSE_OR_NULL } from '../shared/reason.js';
import {
  count,
  digits,
  flag,
  listOf,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
} from '../shared/value-schemas.js';
import { DOING, DOING_STEPS, EXECUTION_STATES, WAITING_FOR } from './execution.js';
import { PARTS } from './execution-parts.js';
import { EXECUTION_ORDERS } from './job.js';

/** JSON Schema of an Execution. */
export const EXECUTION = {
  ...objectOf({
    job: digits,
    clientid: text,
    state: { enum: EXECUTION_STATES },
    waitingFor: { enum: [...WAITING_FOR, null], description: 'Null unless it is QUEUED.' },
    waitingReason: {
      ...textOrNull,
      description:
        'For a person: what exactly it waits for, such as who holds the slot, or since when it is offline.',
    },
    waitingCause: CAUSE_OR_NULL,
    until: { ...timeOrNull, description: 'Until when it waits at most, or when it is looked at again.' },
    step: { ...count, description: 'The index of the step that is under way, or was last.' },
    doing: {
      anyOf: [objectOf({ kind: { enum: DOING }, step: { enum: [...DOING_STEPS, null] } }), { type: 'null' }],
      description:
        'What it does while it is IN_PROGRESS: it waits for its `turn`, for an `answer`, until the gateway is `well`, to `read` again, or it is at this step of an `install`. Otherwise null.',
    },
    attempts: { ...count, description: 'How many attempts have begun.' },
    reason: { ...textOrNull, description: 'For a person: why it ended this way.' },
    cause: CAUSE_OR_NULL,
    isUncertain: { ...flag, description: 'True: it is not known whether the gateway has done it.' },
    site: text,
    model: textOrNull,
    version: textOrNull,
    startedAt: timeOrNull,
    endedAt: timeOrNull,
    changedNo: { ...count, description: 'Grows with each change: give it as `sinceChange` to miss none.' },
  }),
  description: 'A job on one gateway.',
} as const;

const narrowing = { type: 'string', maxLength: 200 } as const;

/** JSON Schema of what is asked of the executions of a job. */
export const EXECUTION_QUERY = {
  type: 'object',
  properties: {
    state: { enum: EXECUTION_STATES },
    part: { enum: PARTS, description: 'Those in one of several states, as the page of a job counts them.' },
    waitingFor: { enum: WAITING_FOR },
    site: { type: 'string', maxLength: 1000 },
    reason: { type: 'string', maxLength: 200, description: 'The code of a cause, as the failures have it.' },
    model: {
      ...narrowing,
      description: 'As it was when it was begun; empty for gateways of which none is known.',
    },
    firmware: { ...narrowing, description: 'The `version`, likewise.' },
    isRetriedAlone: {
      type: 'boolean',
      description:
        'True: only failed ones that no retry of all reaches, since it is not known whether they have done it; false: only the others.',
    },
    sinceChange: {
      type: 'integer',
      minimum: 0,
      description: 'Only those that changed after this `changedNo`, in that order.',
    },
    order: {
      enum: EXECUTION_ORDERS,
      description:
        'By client id, or the failed first, then those in progress, waiting, given up, and done. Not with `sinceChange`. Default `clientid`.',
    },
    cursor: CURSOR,
    limit: { type: 'integer', minimum: 1, maximum: 500, description: 'Default 50.' },
  },
  additionalProperties: false,
} as const;

/** JSON Schema of an Attempt. */
export const ATTEMPT = objectOf({
  no: { ...count, description: 'From 1.' },
  startedAt: time,
  endedAt: timeOrNull,
  state: { enum: [...EXECUTION_STATES, null] },
  reason: textOrNull,
  cause: CAUSE_OR_NULL,
  commands: { ...listOf(text), description: 'The request ids of its commands, in order.' },
  installations: { ...listOf(text), description: 'The ids of its installations.' },
});

/** JSON Schema of an execution with all its attempts. */
export const EXECUTION_WITH_ATTEMPTS = objectOf({ execution: EXECUTION, attempts: listOf(ATTEMPT) });

/** JSON Schema of ExecutionCounts. */
export const EXECUTION_COUNTS = {
  ...objectOf({
    QUEUED: count,
    IN_PROGRESS: count,
    SUCCEEDED: count,
    ALREADY_DONE: count,
    FAILED: count,
    TIMED_OUT: count,
    REJECTED: count,
    EXPIRED: count,
    CANCELED: count,
    REMOVED: count,
  }),
  description: 'How many gateways are in each state.',
} as const;

/** JSON Schema of how many executions wait for what. */
export const WAITING_COUNTS = objectOf({
  stop: count,
  paused: count,
  offline: count,
  window: count,
  busy: count,
  guard: count,
  retry: count,
  rate: count,
});

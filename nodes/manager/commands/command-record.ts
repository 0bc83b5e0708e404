import { RISK_CLASSES, RISKS } from '../catalogue/risk.js';
import { FAULT } from '../shared/fault-schema.js';
import { CAUSE_OR_NULL } from '../shared/reason.js';
import {
  anything,
  digits,
  digitsOrNull,
  listOf,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
} from '../shared/value-schemas.js';
import { COMMAND_STATES, WHEN_GUARDED, WHEN_OFFLINE } from './command.js';

/** The schema of a CommandRecord. */
export const COMMAND_RECORD = {
  ...objectOf({
    requestId: digits,
    clientid: text,
    operation: { ...textOrNull, description: 'Id of the operation; null: the catalogue has none.' },
    method: text,
    path: text,
    requestBody: { ...anything, description: 'Secrets are hidden.' },
    state: { enum: COMMAND_STATES },
    reason: {
      ...textOrNull,
      description: 'For a person: why it ended so, or who holds it while it is QUEUED.',
    },
    cause: CAUSE_OR_NULL,
    reasonCode: { ...textOrNull, description: 'The code of an error where the manager ended it.' },
    whenOffline: { enum: WHEN_OFFLINE },
    whenGuarded: { enum: WHEN_GUARDED },
    timeoutMs: { type: 'number', description: 'How long the gateway has for its answer, ms.' },
    requestedBy: text,
    instance: { ...text, description: 'The device manager that sends it.' },
    createdAt: time,
    expiresAt: time,
    sentAt: timeOrNull,
    endedAt: timeOrNull,
    latencyMs: { type: ['number', 'null'], description: 'From publish to answer, ms.' },
    answer: {
      anyOf: [
        objectOf({
          status: { type: 'integer', description: 'HTTP status of the gateway.' },
          payload: anything,
        }),
        { type: 'null' },
      ],
    },
    faults: listOf(FAULT),
    risk: { enum: [...RISKS, null] },
    classes: listOf({ enum: RISK_CLASSES }),
    job: { ...digitsOrNull, description: 'Id of the job that it belongs to; null: to none.' },
  }),
  description:
    'The record of a command. `QUEUED` and `SENT` have not ended; a `TIMED_OUT` one may still succeed or fail by a late answer.',
} as const;

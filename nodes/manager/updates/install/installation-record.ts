import { CAUSE_OR_NULL } from '../../shared/reason.js';
import { TPE_ERRORS, type TpeErrorCode } from '../../shared/tpe-error.js';
import {
  count,
  digits,
  digitsOrNull,
  flag,
  listOf,
  objectOf,
  percent,
  text,
  textOrNull,
  time,
  timeOrNull,
} from '../../shared/value-schemas.js';
import { SOFTWARE_PACKAGE } from '../software-package.js';
import { INSTALLATION_STATES, INSTALLATION_STEPS } from './installation.js';

const versions = objectOf({ tpeVersion: textOrNull, firmwareVersion: textOrNull });
const codes = Object.keys(TPE_ERRORS) as TpeErrorCode[];

/** The schema of an Installation. */
export const INSTALLATION = {
  ...objectOf({
    id: digits,
    clientid: text,
    packages: listOf(SOFTWARE_PACKAGE),
    state: { enum: INSTALLATION_STATES },
    reason: { ...textOrNull, description: 'For a person: why it ended so.' },
    cause: CAUSE_OR_NULL,
    reasonCode: { enum: [...codes, null] },
    package: { ...count, description: 'Where it is: a place in `packages`.' },
    step: { enum: [...INSTALLATION_STEPS, null] },
    progress: percent,
    steps: {
      ...listOf(
        objectOf({
          package: count,
          name: { enum: INSTALLATION_STEPS },
          startedAt: time,
          endedAt: timeOrNull,
          detail: textOrNull,
          cause: CAUSE_OR_NULL,
          progress: percent,
        }),
      ),
      description: 'All steps that were begun, in order.',
    },
    before: { ...versions, description: 'What the gateway said of itself before the first package.' },
    after: { ...versions, description: 'What it said last.' },
    snapshot: { type: ['boolean', 'null'] },
    allowCellular: flag,
    timeoutMs: { type: 'number', description: 'How long each package may take, ms.' },
    requestedBy: text,
    cancelRequestedBy: textOrNull,
    instance: text,
    createdAt: time,
    startedAt: timeOrNull,
    updatedAt: time,
    endedAt: timeOrNull,
    job: { ...digitsOrNull, description: 'Id of the job that it belongs to; null: to none.' },
  }),
  description: 'The record of an installation of software. `QUEUED` and `IN_PROGRESS` have not ended.',
} as const;

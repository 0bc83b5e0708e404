import type { FromSchema } from 'json-schema-to-ts';
import { parser } from '../shared/validate.js';
import { UPGRADE_FAULTS } from './faults.js';

const yes = { type: 'boolean' } as const;

const faultsSchema = {
  type: 'object',
  properties: {
    silent: yes,
    lostAnswers: yes,
    slowMs: { type: 'integer', minimum: 0, maximum: 3_600_000 },
    brokenJson: yes,
    duplicateAnswers: yes,
    wrongRequestId: yes,
    clockOffsetMs: { type: 'integer' },
    retainedAnswer: yes,
    hugeAnswerBytes: { type: 'integer', minimum: 1, maximum: 20_000_000 },
    errorStatus: { type: 'integer', minimum: 400, maximum: 599 },
    upgrade: { enum: UPGRADE_FAULTS },
  },
  additionalProperties: false,
} as const;

/** Checks the faults of a virtual gateway as somebody entered them. Throws INVALID_INPUT, naming the field. */
export const parseFaults = parser<FromSchema<typeof faultsSchema>>(faultsSchema, 'faults');

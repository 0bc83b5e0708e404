import type { FromSchema } from 'json-schema-to-ts';
import { COMMAND_STATES } from '../manager/commands/command.js';
import { parser } from './message-values.js';

const querySchema = {
  type: 'object',
  properties: {
    clientid: { type: 'string' },
    state: { enum: COMMAND_STATES },
    before: { type: 'string' },
    limit: { type: 'integer', minimum: 1, maximum: 500 },
  },
  additionalProperties: false,
} as const;

/** Which command records, newest first, which page. */
export const parseCommandQuery = parser<FromSchema<typeof querySchema>>(querySchema, 'payload');

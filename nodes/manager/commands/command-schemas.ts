import type { FromSchema } from 'json-schema-to-ts';
import { withClientIds } from '../protocol/client-id.js';
import { parser } from '../shared/validate.js';
import { COMMAND_STATES } from './command.js';

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

/** Reads a query for a page of command records. Throws INVALID_INPUT if it does not match the schema. */
export function parseCommandQuery(value: unknown): FromSchema<typeof querySchema> {
  return readQuery(withClientIds(value));
}

const readQuery = parser<FromSchema<typeof querySchema>>(querySchema, 'payload');

import type { FromSchema } from 'json-schema-to-ts';
import { parser } from '../../shared/validate.js';

/** The schema of a query for a page of results of scans. */
export const UPDATE_QUERY = {
  type: 'object',
  properties: {
    available: { type: 'boolean', description: 'Only gateways with an update. Left out: true.' },
    limit: { type: 'integer', minimum: 1, maximum: 1000, description: 'Left out: 50.' },
    cursor: { type: 'string', maxLength: 200, description: '`next` of the page before.' },
  },
  additionalProperties: false,
} as const;

/** Reads a query for a page of results of scans. Throws INVALID_INPUT if it does not match the schema. */
export const parseUpdateQuery = parser<FromSchema<typeof UPDATE_QUERY>>(UPDATE_QUERY, 'payload');

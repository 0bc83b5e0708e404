import type { FromSchema } from 'json-schema-to-ts';
import { withClientIds } from '../../protocol/client-id.js';
import { parser } from '../../shared/validate.js';
import { INSTALLATION_STATES } from './installation.js';

/** The schema of a query for a page of installations. */
export const INSTALLATION_QUERY = {
  type: 'object',
  properties: {
    clientid: { type: 'string' },
    gateway: {
      type: 'string',
      maxLength: 200,
      description: 'A part of the id or the name of gateways, in any case.',
    },
    state: { enum: INSTALLATION_STATES },
    before: { type: 'string', description: 'The `id` of the last one seen; `next` of the page before.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, description: 'Left out: 50.' },
  },
  additionalProperties: false,
} as const;

/** Reads a query for a page of installations. Throws INVALID_INPUT if it does not match the schema. */
export function parseInstallationQuery(value: unknown): FromSchema<typeof INSTALLATION_QUERY> {
  return readQuery(withClientIds(value));
}

const readQuery = parser<FromSchema<typeof INSTALLATION_QUERY>>(INSTALLATION_QUERY, 'payload');

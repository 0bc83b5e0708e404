import type { FromSchema } from 'json-schema-to-ts';
import { withClientIds } from '../protocol/client-id.js';
import { parser } from '../shared/validate.js';
import { CLIENT_IDS } from './targets.js';

// An unknown property is refused: what was meant by it would not happen, and nobody would know.

const text = { type: 'string' } as const;
const tags = { type: 'array', items: text } as const;
/** What register takes. */
export const REGISTRATION = {
  type: 'object',
  properties: { clientid: text, username: text, password: text, site: text, note: text, tags },
  required: ['clientid'],
  additionalProperties: false,
} as const;

const changeSchema = {
  type: 'object',
  properties: { clientid: text, site: text, note: text, tags, enabled: { type: 'boolean' } },
  additionalProperties: false,
} as const;

/** What register takes. */
export function parseRegistration(value: unknown): FromSchema<typeof REGISTRATION> {
  return readRegistration(withClientIds(value));
}
/** What update takes; the client id may stand beside the changes. */
export function parseChange(value: unknown): FromSchema<typeof changeSchema> {
  return readChange(withClientIds(value));
}

const clientIdsSchema = {
  type: 'object',
  properties: { clientids: CLIENT_IDS },
  required: ['clientids'],
  additionalProperties: false,
} as const;
/** What rotate takes for several gateways. */
export function parseClientIds(value: unknown): FromSchema<typeof clientIdsSchema> {
  return readClientIds(withClientIds(value));
}

const readRegistration = parser<FromSchema<typeof REGISTRATION>>(REGISTRATION, 'payload');
const readChange = parser<FromSchema<typeof changeSchema>>(changeSchema, 'payload');
const readClientIds = parser<FromSchema<typeof clientIdsSchema>>(clientIdsSchema, 'payload');

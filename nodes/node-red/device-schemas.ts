import type { FromSchema } from 'json-schema-to-ts';
import { CLIENT_IDS } from '../manager/registry/targets.js';
import { parser } from './message-values.js';

// An unknown property is refused: what was meant by it would not happen, and nobody would know.

const text = { type: 'string' } as const;
const tags = { type: 'array', items: text } as const;
const registrationSchema = {
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
export const parseRegistration = parser<FromSchema<typeof registrationSchema>>(registrationSchema, 'payload');
/** What update takes; the client id may stand beside the changes. */
export const parseChange = parser<FromSchema<typeof changeSchema>>(changeSchema, 'payload');

const clientIdsSchema = {
  type: 'object',
  properties: { clientids: CLIENT_IDS },
  required: ['clientids'],
  additionalProperties: false,
} as const;
/** What rotate takes for several gateways. */
export const parseClientIds = parser<FromSchema<typeof clientIdsSchema>>(clientIdsSchema, 'payload');

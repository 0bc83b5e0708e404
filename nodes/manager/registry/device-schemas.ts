import type { FromSchema } from 'json-schema-to-ts';
import { withClientIds } from '../protocol/client-id.js';
import { parser } from '../shared/validate.js';
import { CLIENT_IDS } from './targets.js';

// An unknown property is refused, since otherwise a misspelt one would have no effect and nobody would notice.

const text = { type: 'string' } as const;
const tags = { type: 'array', items: text } as const;
/** The input of register. */
export const REGISTRATION = {
  type: 'object',
  properties: {
    clientid: text,
    username: text,
    password: text,
    site: text,
    note: text,
    tags,
    redundancy: text,
  },
  required: ['clientid'],
  additionalProperties: false,
} as const;

const changeSchema = {
  type: 'object',
  properties: {
    clientid: text,
    site: text,
    note: text,
    tags,
    redundancy: text,
    enabled: { type: 'boolean' },
  },
  additionalProperties: false,
} as const;

/** Reads the input of register. Throws INVALID_INPUT. */
export function parseRegistration(value: unknown): FromSchema<typeof REGISTRATION> {
  return readRegistration(withClientIds(value));
}
/** Reads the input of update, which may have the client id beside the changes. Throws INVALID_INPUT. */
export function parseChange(value: unknown): FromSchema<typeof changeSchema> {
  return readChange(withClientIds(value));
}

const clientIdsSchema = {
  type: 'object',
  properties: { clientids: CLIENT_IDS },
  required: ['clientids'],
  additionalProperties: false,
} as const;
/** Reads the input of rotateMany. Throws INVALID_INPUT. */
export function parseClientIds(value: unknown): FromSchema<typeof clientIdsSchema> {
  return readClientIds(withClientIds(value));
}

const readRegistration = parser<FromSchema<typeof REGISTRATION>>(REGISTRATION, 'payload');
const readChange = parser<FromSchema<typeof changeSchema>>(changeSchema, 'payload');
const readClientIds = parser<FromSchema<typeof clientIdsSchema>>(clientIdsSchema, 'payload');

import type { FromSchema } from 'json-schema-to-ts';
import { DEVICE_SORTS } from '../manager/registry/device.js';
import { parser } from './message-values.js';

// An unknown property is refused everywhere: a misspelt condition would otherwise match the whole fleet.

const text = { type: 'string' } as const;
const tags = { type: 'array', items: text } as const;
const conditions = {
  search: text,
  status: { enum: ['online', 'offline', 'never_seen'] },
  model: text,
  tag: text,
  site: text,
  clientids: { type: 'array', items: text },
  enabled: { type: 'boolean' },
  hasUpdate: { type: 'boolean' },
} as const;

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

const filterSchema = { type: 'object', properties: conditions, additionalProperties: false } as const;

const querySchema = {
  type: 'object',
  properties: {
    ...conditions,
    sort: { enum: DEVICE_SORTS },
    descending: { type: 'boolean' },
    limit: { type: 'integer', minimum: 1, maximum: 1000 },
    cursor: text,
  },
  additionalProperties: false,
} as const;

/** What register takes. */
export const parseRegistration = parser<FromSchema<typeof registrationSchema>>(registrationSchema, 'payload');
/** What update takes; the client id may stand beside the changes. */
export const parseChange = parser<FromSchema<typeof changeSchema>>(changeSchema, 'payload');
/** Which gateways. */
export const parseFilter = parser<FromSchema<typeof filterSchema>>(filterSchema, 'filter');
/** Which gateways, in what order, which page. */
export const parseQuery = parser<FromSchema<typeof querySchema>>(querySchema, 'payload');

import type { FromSchema } from 'json-schema-to-ts';
import { withClientIds } from '../protocol/client-id.js';
import { parser } from '../shared/validate.js';
import { PRESENCE_STATUSES } from './presence-status.js';

// The one description of which gateways. A condition that is added here reaches every node, route, procedure and statement:
// none of them names the conditions itself.

const text = { type: 'string', maxLength: 200 } as const;

/** Which gateways; conditions are ANDed, an empty filter is all of them, a text that is blank is no condition. */
export const DEVICE_FILTER = {
  type: 'object',
  properties: {
    search: {
      ...text,
      description:
        'Found anywhere in client id, host, model, serial number, site or note; case does not matter.',
    },
    status: { enum: PRESENCE_STATUSES },
    model: { ...text, description: "The model name's beginning." },
    tag: { ...text, description: 'Has this tag.' },
    site: text,
    clientids: { type: 'array', items: { ...text, minLength: 1 }, minItems: 1, maxItems: 100_000 },
    hasUpdate: { type: 'boolean', description: 'The last scan found newer software for it.' },
    enabled: { type: 'boolean', description: 'Whether its login is accepted.' },
  },
  additionalProperties: false,
} as const;

export type DeviceFilter = FromSchema<typeof DEVICE_FILTER>;
export type FilterKey = keyof typeof DEVICE_FILTER.properties;

/** The names of all conditions. */
export const FILTER_KEYS = Object.keys(DEVICE_FILTER.properties) as FilterKey[];

const ADVICE = `A filter accepts ${FILTER_KEYS.join(', ')}: {"tag": "north"}.`;

/** Throws INVALID_INPUT naming each field that is not known or has a wrong value. */
export function parseFilter(value: unknown): DeviceFilter {
  return readFilter(withClientIds(value));
}

const readFilter = parser<DeviceFilter>(DEVICE_FILTER, 'filter', ADVICE);

/** The conditions of a query that has an order and a page too, without those, and without what is no condition. */
export function conditionsIn(query: DeviceFilter): DeviceFilter {
  const given = FILTER_KEYS.filter((key) => isCondition(query[key])).map((key) => [key, query[key]]);
  return Object.fromEntries(given) as DeviceFilter;
}

/** False for a filter that every gateway matches. */
export function hasCondition(filter: DeviceFilter): boolean {
  return FILTER_KEYS.some((key) => isCondition(filter[key]));
}

/** Whether a value of a field narrows anything: a text that is blank does not. */
export function isCondition(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined;
}

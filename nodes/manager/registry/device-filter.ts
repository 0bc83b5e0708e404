import type { FromSchema } from 'json-schema-to-ts';
import { PRESENCE_STATUSES } from './presence-status.js';

// The only place that lists the conditions of a filter. A condition that is added here works in every node, route, procedure and SQL
// statement, since none of them lists the conditions itself.

const text = { type: 'string', maxLength: 200 } as const;

/** Selects gateways. They must meet all conditions. An empty filter selects all gateways, and a blank text is no condition. */
export const DEVICE_FILTER = {
  type: 'object',
  properties: {
    search: {
      ...text,
      description:
        'Found anywhere in client id, host, model, serial number, site, note or tags, or the beginning of its IP address; case does not matter.',
    },
    status: { enum: PRESENCE_STATUSES },
    model: { ...text, description: "The model name's beginning." },
    firmware: { ...text, description: 'Runs this version of the firmware.' },
    tpe: { ...text, description: 'Runs this version of ThingsPro Edge.' },
    tag: { ...text, description: 'Has this tag.' },
    site: text,
    redundancy: { ...text, description: 'Is in this redundancy set.' },
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

/** Picks the conditions out of a filter or query. It leaves out order and page, and blank texts. */
export function conditionsIn(query: DeviceFilter): DeviceFilter {
  const given = FILTER_KEYS.filter((key) => isCondition(query[key])).map((key) => [key, query[key]]);
  return Object.fromEntries(given) as DeviceFilter;
}

/** False for a filter that every gateway matches. */
export function hasCondition(filter: DeviceFilter): boolean {
  return FILTER_KEYS.some((key) => isCondition(filter[key]));
}

/** True if the value of a field is a condition: a blank text is not. */
export function isCondition(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined;
}

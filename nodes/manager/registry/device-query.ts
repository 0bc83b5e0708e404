import type { FromSchema } from 'json-schema-to-ts';
import { withClientIds } from '../protocol/client-id.js';
import { CURSOR } from '../shared/page.js';
import { parser } from '../shared/validate.js';
import { DEVICE_FILTER, FILTER_KEYS } from './device-filter.js';
import { DEVICE_SORTS } from './sort-names.js';

/** The order and the page of a list. */
export const DEVICE_PAGING = {
  sort: { enum: DEVICE_SORTS },
  descending: { type: 'boolean' },
  /** So many gateways are passed over first, for a page by its number. */
  skip: { type: 'integer', minimum: 0, maximum: 1_000_000 },
  /** The size of a page; default 50. */
  limit: { type: 'integer', minimum: 1, maximum: 1000 },
  cursor: CURSOR,
} as const;

/** A query for a list of gateways: filter, order and page. */
export const DEVICE_QUERY = {
  type: 'object',
  properties: { ...DEVICE_FILTER.properties, ...DEVICE_PAGING },
  additionalProperties: false,
} as const;

export type DeviceQuery = FromSchema<typeof DEVICE_QUERY>;

const ADVICE = `A query accepts ${[...FILTER_KEYS, ...Object.keys(DEVICE_PAGING)].join(', ')}.`;

/** Reads a query. Throws INVALID_INPUT naming each field that is not known or has a wrong value. */
export function parseQuery(value: unknown): DeviceQuery {
  return readQuery(withClientIds(value));
}

const readQuery = parser<DeviceQuery>(DEVICE_QUERY, 'query', ADVICE);

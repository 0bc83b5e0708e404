import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import {
  conditionsIn,
  type DeviceFilter,
  FILTER_KEYS,
  type FilterKey,
  parseFilter,
} from './device-filter.js';

/** A WHERE clause on clientid_profile under the alias `device`, and what stands for its `$n`. */
export interface Conditions {
  /** Parts to be ANDed. */
  parts: string[];
  parameters: unknown[];
}

/** Gives the `$n` of a parameter. */
type Add = (parameter: unknown) => string;

/** The part of each condition: one that the filter has and this lacks is an error of types. */
const PARTS: { [Key in FilterKey]: (value: NonNullable<DeviceFilter[Key]>, add: Add) => string } = {
  search: (value, add) =>
    `device.search_text like lower(${add(`%${escapeLike(storable('search', value).trim())}%`)}::text)`,
  status: (value, add) => `device.status = ${add(value)}`,
  model: (value, add) =>
    `(coalesce(device.model_name, '') collate "C") like ${add(`${escapeLike(storable('model', value))}%`)}`,
  tag: (value, add) => `device.tags @> ${add([storable('tag', value)])}::text[]`,
  site: (value, add) => `device.site = ${add(storable('site', value))}`,
  // Ids that no device can have are left out.
  clientids: (value, add) => `device.clientid = any(${add(value.filter(isStorable))}::text[])`,
  hasUpdate: (value) =>
    `${value ? '' : 'not '}exists (select from tpe_update found where found.clientid = device.clientid and found.has_update)`,
  // As text and not as a parameter: the few that are disabled have an index of their own.
  enabled: (value) =>
    `exists (select from mqtt_user where mqtt_user.clientid = device.clientid and ${value ? '' : 'not '}enabled)`,
};

/**
 * The conditions of a filter. Throws INVALID_INPUT naming the field: the last check before the database, so that an unchecked
 * filter never reaches more gateways than it names.
 */
export function conditionsOf(filter: DeviceFilter): Conditions {
  const conditions: Conditions = { parts: [], parameters: [] };
  const add: Add = (parameter) => addParameter(conditions, parameter);
  const given = conditionsIn(parseFilter(filter));
  for (const key of FILTER_KEYS) {
    const part = PARTS[key] as (value: unknown, add: Add) => string;
    if (given[key] !== undefined) conditions.parts.push(part(given[key], add));
  }
  return conditions;
}

/** Adds a parameter; returns its `$n`. */
export function addParameter(conditions: Conditions, value: unknown): string {
  conditions.parameters.push(value);
  return `$${conditions.parameters.length}`;
}

/** The WHERE clause, or nothing. */
export function whereOf({ parts }: Conditions): string {
  return parts.length === 0 ? '' : `where ${parts.join(' and ')}`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function storable(field: FilterKey, text: string): string {
  if (isStorable(text)) return text;
  throw new TpeError('INVALID_INPUT', `The filter's "${field}" must be a text without NUL.`, { field });
}

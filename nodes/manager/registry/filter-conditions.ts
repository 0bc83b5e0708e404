import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { conditionsIn, type DeviceFilter, FILTER_KEYS, type FilterKey } from './device-filter.js';
import { redundancySet } from './fields.js';
import { parseFilter } from './parse-filter.js';
import { ATTENTION } from './presence-status.js';

/** The parts of a WHERE clause on tpe_gateway under the alias `device`, with the values of its `$n`. */
export interface Conditions {
  /** The conditions, all of which must be met. */
  parts: string[];
  parameters: unknown[];
}

/** Adds a parameter and returns its `$n`. */
type Add = (parameter: unknown) => string;

/** How the gateways that match are found: the `few` of the fleet, or by a look at `each` of those that the statement reads anyway. */
export type Finding = 'few' | 'each';

type Part<Key extends FilterKey> = (
  value: NonNullable<DeviceFilter[Key]>,
  add: Add,
  finding: Finding,
) => string;

/** The beginning of an IPv4 or IPv6 address. Only then a search looks at addresses, which are in the other table. */
const ADDRESS = /^(\d{1,3}\.[\d.]*|[\da-f]{0,4}:[\da-f:.]*)$/i;

/** Makes the SQL of each condition. The compiler reports a condition of the filter that is missing here. */
const PARTS: { [Key in FilterKey]: Part<Key> } = {
  search(value, add, finding) {
    const text = escapeLike(storable('search', value).trim());
    const isNamed = `find_text like lower(${add(`%${text}%`)}::text)`;
    if (!ADDRESS.test(text)) return `device.${isNamed}`;
    const isThere = `(ip_address collate "C") like ${add(`${text}%`)}`;
    if (finding === 'each') {
      return `(device.${isNamed} or exists (select from tpe_presence there where there.clientid = device.clientid and ${isThere}))`;
    }
    // Each half has its own index, which PostgreSQL would not use for an "or" over two tables.
    return `device.clientid in (select clientid from clientid_profile where ${isNamed}
      union all select clientid from tpe_presence where ${isThere})`;
  },
  status: (value, add) => `device.attention = ${add(ATTENTION[value])}::smallint`,
  model: (value, add) =>
    `(coalesce(device.model_name, '') collate "C") like ${add(`${escapeLike(storable('model', value))}%`)}`,
  firmware: (value, add) => isVersion('firmware', 'firmware_version', value, add),
  tpe: (value, add) => isVersion('tpe', 'tpe_version', value, add),
  tag: (value, add) => `device.tags @> ${add([storable('tag', value)])}::text[]`,
  // With its key, since the index of the order by site goes by that.
  site(value, add) {
    const site = add(storable('site', value));
    return `device.site = ${site} and device.site_key = tpe_natural_key(${site})`;
  },
  // Without the second part, PostgreSQL would not know that the partial index has all of them.
  redundancy: (value, add) =>
    `device.redundancy = ${add(redundancySet(storable('redundancy', value)))} and device.redundancy <> ''`,
  // Client ids that the database cannot hold are left out, since no gateway has them.
  clientids: (value, add) => `device.clientid = any(${add(value.filter(isStorable))}::text[])`,
  hasUpdate: (value) =>
    `${value ? '' : 'not '}exists (select from tpe_update found where found.clientid = device.clientid and found.has_update)`,
  // The SQL has no parameter here, so that PostgreSQL can use the partial index of the few that are disabled.
  enabled: (value) =>
    `exists (select from mqtt_user where mqtt_user.clientid = device.clientid and ${value ? '' : 'not '}enabled)`,
};

/**
 * Makes the SQL conditions of a filter. It checks the filter again, as the last step before the database, so that an unchecked filter never
 * selects more gateways than it should. Values are added to `parameters`. Throws INVALID_INPUT naming the field.
 */
export function conditionsOf(
  filter: DeviceFilter,
  parameters: unknown[] = [],
  finding: Finding = 'few',
): Conditions {
  const conditions: Conditions = { parts: [], parameters };
  const add: Add = (parameter) => addParameter(conditions, parameter);
  const given = conditionsIn(parseFilter(filter));
  for (const key of FILTER_KEYS) {
    const part = PARTS[key] as (value: unknown, add: Add, finding: Finding) => string;
    if (given[key] !== undefined) conditions.parts.push(part(given[key], add, finding));
  }
  return conditions;
}

/** Adds a parameter to the conditions and returns its `$n`. */
export function addParameter(conditions: Conditions, value: unknown): string {
  conditions.parameters.push(value);
  return `$${conditions.parameters.length}`;
}

/** Makes the WHERE clause of the parts of conditions; empty if there is none. */
export function whereOf(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `where ${parts.join(' and ')}`;
}

/** A text as part of a pattern of LIKE, in which it stands for itself. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** With its key, since the index of the order by version goes by that; versions that differ in more than numbers have one key. */
function isVersion(field: FilterKey, column: string, value: string, add: Add): string {
  const version = add(storable(field, value));
  return `device.${column} = ${version} and device.${column}_key = tpe_version_key(${version}::text)`;
}

function storable(field: FilterKey, text: string): string {
  if (isStorable(text)) return text;
  throw new TpeError('INVALID_INPUT', `The filter's "${field}" must be a text without NUL.`, { field });
}

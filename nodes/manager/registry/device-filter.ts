import { TpeError } from '../tpe-error.js';
import type { DeviceFilter, PresenceStatus } from './device.js';
import { isStorable } from './text.js';

const STATUSES: readonly PresenceStatus[] = ['online', 'offline', 'never_seen'];

/** A WHERE clause on clientid_profile under the alias `device`, and what stands for its `$n`. */
export interface Conditions {
  /** Parts to be ANDed. */
  parts: string[];
  parameters: unknown[];
}

/** The conditions of a filter; a text that is empty is no condition. Throws INVALID_INPUT naming the field. */
export function conditionsOf(filter: DeviceFilter): Conditions {
  const conditions: Conditions = { parts: [], parameters: [] };
  const add = (value: unknown, part: (parameter: string) => string) => {
    conditions.parts.push(part(addParameter(conditions, value)));
  };
  const search = textOf(filter, 'search').trim();
  const model = textOf(filter, 'model');
  const tag = textOf(filter, 'tag');
  const site = textOf(filter, 'site');
  if (search !== '')
    add(`%${escapeLike(search)}%`, (value) => `device.search_text like lower(${value}::text)`);
  if (model !== '') {
    add(`${escapeLike(model)}%`, (value) => `(coalesce(device.model_name, '') collate "C") like ${value}`);
  }
  if (tag !== '') add([tag], (value) => `device.tags @> ${value}::text[]`);
  if (site !== '') add(site, (value) => `device.site = ${value}`);
  if (filter.status !== undefined) add(statusOf(filter.status), (value) => `device.status = ${value}`);
  if (filter.clientids !== undefined) {
    add(clientidsOf(filter.clientids), (value) => `device.clientid = any(${value}::text[])`);
  }
  if (filter.hasUpdate !== undefined) conditions.parts.push(hasUpdate(filter.hasUpdate));
  if (filter.enabled !== undefined) conditions.parts.push(hasCredential(filter.enabled));
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

function textOf(filter: DeviceFilter, field: 'search' | 'model' | 'tag' | 'site'): string {
  const value: unknown = filter[field] ?? '';
  if (typeof value !== 'string' || !isStorable(value)) throw invalid(field, 'must be a text without NUL');
  return value;
}

function statusOf(value: unknown): unknown {
  if (STATUSES.some((status) => status === value)) return value;
  throw invalid('status', `must be one of ${STATUSES.join(', ')}`);
}

/** Ids that no device can have are left out. */
function clientidsOf(value: unknown): string[] {
  if (!Array.isArray(value)) throw invalid('clientids', 'must be a list of client ids');
  return value.filter((clientid) => typeof clientid === 'string' && isStorable(clientid));
}

/** As text and not as a parameter: the few that are disabled have an index of their own. */
function hasCredential(enabled: unknown): string {
  if (typeof enabled !== 'boolean') throw invalid('enabled', 'must be true or false');
  const condition = enabled ? 'enabled' : 'not enabled';
  return `exists (select from mqtt_user where mqtt_user.clientid = device.clientid and ${condition})`;
}

function hasUpdate(wanted: unknown): string {
  if (typeof wanted !== 'boolean') throw invalid('hasUpdate', 'must be true or false');
  const exists =
    'exists (select from tpe_update found where found.clientid = device.clientid and found.has_update)';
  return wanted ? exists : `not ${exists}`;
}

function invalid(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `The filter's "${field}" ${rule}.`, { field });
}

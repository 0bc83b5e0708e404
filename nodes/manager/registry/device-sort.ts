import type { FilterKey } from './device-filter.js';
import type { Holder } from './device-source.js';
import type { DeviceSort } from './sort-names.js';

/** The expression by which a list is sorted first, before clientid. */
export interface SortKey {
  /** Of the holder and of tpe_gateway, under the alias `device`; an index of the holder has the same expression. */
  expression: string;
  /** The client id in the table of that index. */
  clientid: string;
  /** What follows the key where many gateways share it: their client ids in natural order. */
  within?: string;
  holder: Holder;
  /** The condition that the index meets by reading one stretch of it. */
  filter?: FilterKey;
  type: 'text' | 'timestamptz' | 'bigint' | 'bigint[]' | 'smallint';
  /** Matches a value of it as PostgreSQL writes it. */
  form: RegExp;
}

const OF_PROFILE = { clientid: 'device.clientid', holder: 'profile' } as const;
const OF_PRESENCE = { clientid: 'device.presence_clientid', holder: 'presence' } as const;
const TEXT = { type: 'text', form: /^/ } as const;
/** Made by tpe_natural_key, and compared by its bytes. */
const KEY = TEXT;
const VERSION = { type: 'bigint[]', form: /^\{(\d{1,15}(,\d{1,15})*)?\}$/ } as const;
const TIME = /^(-infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}( BC)?)$/;

export const SORT_KEYS: Record<DeviceSort, SortKey> = {
  clientid: { expression: 'device.clientid', ...OF_PROFILE, holder: 'either', ...TEXT },
  // Alike in both tables, so that the filter for the status reads one stretch of presence.
  name: { expression: 'device.name_key', ...OF_PROFILE, holder: 'either', ...KEY },
  // Who needs a person comes first: offline, never seen, online.
  status: {
    expression: 'device.attention',
    ...OF_PRESENCE,
    within: 'device.presence_name_key',
    type: 'smallint',
    form: /^\d$/,
    filter: 'status',
  },
  since: {
    expression: "coalesce(device.presence_since, '-infinity'::timestamptz)",
    ...OF_PRESENCE,
    type: 'timestamptz',
    form: TIME,
  },
  hostName: { expression: 'device.host_key', ...OF_PROFILE, ...KEY },
  modelName: {
    expression: `(coalesce(device.model_name, '') collate "C")`,
    ...OF_PROFILE,
    ...TEXT,
    filter: 'model',
  },
  serialNumber: { expression: "coalesce(device.serial_number, '')", ...OF_PROFILE, ...TEXT },
  site: { expression: 'device.site_key', within: 'device.name_key', ...OF_PROFILE, ...KEY, filter: 'site' },
  redundancy: { expression: 'device.redundancy_key', ...OF_PROFILE, ...KEY },
  tpeVersion: { expression: 'device.tpe_version_key', ...OF_PROFILE, ...VERSION, filter: 'tpe' },
  firmwareVersion: {
    expression: 'device.firmware_version_key',
    ...OF_PROFILE,
    ...VERSION,
    filter: 'firmware',
  },
  biosVersion: { expression: "coalesce(device.bios_version, '')", ...OF_PROFILE, ...TEXT },
  createdAt: {
    expression: 'coalesce(device.created_at, 0)',
    ...OF_PROFILE,
    type: 'bigint',
    form: /^-?\d{1,19}$/,
  },
};

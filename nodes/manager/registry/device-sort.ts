import type { DeviceSort } from './device-query.js';

/** The expression by which a list is sorted first, before clientid. */
export interface SortKey {
  /** Of clientid_profile under the alias `device`; an index has the same expression. */
  expression: string;
  type: 'text' | 'timestamptz' | 'bigint' | 'bigint[]';
  /** Matches a value of it as PostgreSQL writes it. */
  form: RegExp;
}

const TEXT = { type: 'text', form: /^/ } as const;
const VERSION = { type: 'bigint[]', form: /^\{(\d{1,15}(,\d{1,15})*)?\}$/ } as const;
const TIME = /^(-infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}( BC)?)$/;

export const SORT_KEYS: Record<DeviceSort, SortKey> = {
  clientid: { expression: 'device.clientid', ...TEXT },
  status: { expression: 'device.status', ...TEXT },
  since: {
    expression: "coalesce(device.presence_since, '-infinity'::timestamptz)",
    type: 'timestamptz',
    form: TIME,
  },
  hostName: { expression: "coalesce(device.host_name, '')", ...TEXT },
  modelName: { expression: `(coalesce(device.model_name, '') collate "C")`, ...TEXT },
  serialNumber: { expression: "coalesce(device.serial_number, '')", ...TEXT },
  site: { expression: 'device.site', ...TEXT },
  tpeVersion: { expression: 'device.tpe_version_key', ...VERSION },
  firmwareVersion: { expression: 'device.firmware_version_key', ...VERSION },
  biosVersion: { expression: "coalesce(device.bios_version, '')", ...TEXT },
  createdAt: { expression: 'coalesce(device.created_at, 0)', type: 'bigint', form: /^-?\d{1,19}$/ },
};

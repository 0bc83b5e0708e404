import type { DeviceSort } from './device.js';

/** What a list is ordered by, before clientid: an expression that an index of migration 002 has, and its type. */
export interface SortKey {
  /** On clientid_profile under the alias `device`. */
  expression: string;
  type: 'text' | 'timestamptz' | 'bigint' | 'bigint[]';
}

export const SORT_KEYS: Record<DeviceSort, SortKey> = {
  clientid: { expression: 'device.clientid', type: 'text' },
  status: { expression: 'device.status', type: 'text' },
  since: { expression: "coalesce(device.presence_since, '-infinity'::timestamptz)", type: 'timestamptz' },
  hostName: { expression: "coalesce(device.host_name, '')", type: 'text' },
  modelName: { expression: `(coalesce(device.model_name, '') collate "C")`, type: 'text' },
  serialNumber: { expression: "coalesce(device.serial_number, '')", type: 'text' },
  site: { expression: 'device.site', type: 'text' },
  tpeVersion: { expression: 'tpe_version_key(device.tpe_version)', type: 'bigint[]' },
  firmwareVersion: { expression: 'tpe_version_key(device.firmware_version)', type: 'bigint[]' },
  createdAt: { expression: 'coalesce(device.created_at, 0)', type: 'bigint' },
};

import type { Device } from '../../../manager/registry/device.js';
import type { FilterKey } from '../../../manager/registry/device-filter.js';

/** Fields of a gateway by which others like it are found, with the condition that does. */
export const SHARED_FIELDS = {
  modelName: 'model',
  firmwareVersion: 'firmware',
  tpeVersion: 'tpe',
} as const satisfies Partial<Record<keyof Device, FilterKey>>;

export type SharedField = keyof typeof SHARED_FIELDS;

/** Whether gateways are found by a field. */
export const isShared = (field: keyof Device): field is SharedField => field in SHARED_FIELDS;

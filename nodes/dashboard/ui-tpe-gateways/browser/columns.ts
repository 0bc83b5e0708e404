import type { DeviceSort } from '../../../manager/registry/sort-names.js';
import type { Column } from './table-settings.js';

/** A column that has a heading. */
export type Head = 'status' | 'clientid' | Column;

/** The order of each column; null if the list cannot be sorted by it. */
export const SORTS: Record<Head, DeviceSort | null> = {
  status: 'status',
  clientid: 'name',
  since: 'since',
  reason: null,
  site: 'site',
  tags: null,
  ipAddress: null,
  modelName: 'modelName',
  hostName: 'hostName',
  serialNumber: 'serialNumber',
  tpeVersion: 'tpeVersion',
  firmwareVersion: 'firmwareVersion',
  biosVersion: 'biosVersion',
  redundancy: 'redundancy',
};

/** How wide each column is at least, px. They stay as they are from page to page. */
export const WIDTHS: Record<Head | 'choose', number> = {
  choose: 40,
  status: 132,
  clientid: 140,
  since: 96,
  reason: 96,
  site: 96,
  tags: 80,
  ipAddress: 114,
  modelName: 132,
  hostName: 140,
  serialNumber: 130,
  tpeVersion: 96,
  firmwareVersion: 100,
  biosVersion: 96,
  redundancy: 140,
};

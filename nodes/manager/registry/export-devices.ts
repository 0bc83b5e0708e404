import { stringify } from 'csv-stringify/sync';
import type { Queryable } from '../database/database.js';
import type { Device, DeviceFilter } from './device.js';
import { eachDevice } from './device-list.js';
import { FORMULA } from './import-file.js';

const COLUMNS = [
  'clientid',
  'username',
  'site',
  'note',
  'tags',
  'enabled',
  'status',
  'since',
  'reason',
  'hostName',
  'modelName',
  'serialNumber',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
  'createdAt',
] as const satisfies readonly (keyof Device)[];

/** The columns that import takes, without secrets, and what the gateways reported. */
export async function exportDevices(
  database: Queryable,
  filter: DeviceFilter,
  format: 'csv' | 'json',
): Promise<string> {
  const rows: Record<string, unknown>[] = [];
  for await (const device of eachDevice(database, filter)) {
    rows.push(Object.fromEntries(COLUMNS.map((column) => [column, device[column]])));
  }
  if (format === 'json') return JSON.stringify(rows, null, 2);
  return stringify(
    rows.map((row) => COLUMNS.map((column) => toCell(row[column]))),
    { header: true, columns: [...COLUMNS] },
  );
}

function toCell(value: unknown): string {
  const text = Array.isArray(value)
    ? value.join(';')
    : value === null || value === undefined
      ? ''
      : String(value);
  return FORMULA.test(text) ? `'${text}` : text;
}

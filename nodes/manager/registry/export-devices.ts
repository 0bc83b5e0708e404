import { stringify } from 'csv-stringify/sync';
import type { Queryable } from '../database/database.js';
import type { Device } from './device.js';
import type { DeviceFilter } from './device-filter.js';
import { devicePages } from './device-list.js';
import { EXPORT_COLUMNS, guardCell, TAGS_SEPARATOR } from './file-columns.js';

/** The columns that import takes, without secrets, and what else is known. INVALID_INPUT for a filter. */
export async function exportDevices(
  database: Queryable,
  filter: DeviceFilter,
  format: 'csv' | 'json',
): Promise<string> {
  const parts: string[] = [];
  for await (const devices of devicePages(database, filter)) {
    parts.push(format === 'csv' ? toCsv(devices) : devices.map(toJson).join(',\n'));
  }
  if (format === 'csv') return toCsv([EXPORT_COLUMNS]) + parts.join('');
  const rows = parts.filter((part) => part !== '').join(',\n');
  return `[\n${rows}\n]\n`;
}

function toCsv(rows: readonly (Device | readonly string[])[]): string {
  const cells = rows.map((row) =>
    'clientid' in row ? EXPORT_COLUMNS.map((name) => toCell(row[name])) : row,
  );
  return stringify(cells, {
    record_delimiter: 'windows',
    // What is not quoted loses its line breaks, and import trims it.
    quoted_match: [/[\r\n;]/, /^\s/, /\s$/],
  });
}

function toCell(value: Device[keyof Device]): string {
  if (value === null) return '';
  return guardCell(Array.isArray(value) ? value.join(TAGS_SEPARATOR) : String(value));
}

function toJson(device: Device): string {
  return JSON.stringify(Object.fromEntries(EXPORT_COLUMNS.map((name) => [name, device[name]])));
}

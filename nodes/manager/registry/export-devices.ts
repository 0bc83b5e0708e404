import { stringify } from 'csv-stringify/sync';
import { breathe } from '../database/breathe.js';
import type { Queryable } from '../database/database.js';
import type { Device } from './device.js';
import type { DeviceFilter } from './device-filter.js';
import { listDevices } from './device-list.js';
import { EXPORT_COLUMNS, guardCell, TAGS_SEPARATOR } from './file-columns.js';

/** Made in some ms: what waits meanwhile shall not notice. */
const PAGE = 500;

/** Which part of a file is wanted. */
export interface ExportQuery {
  filter: DeviceFilter;
  format: 'csv' | 'json';
  /** `next` of the part before; left out: the first one. */
  cursor?: string | undefined;
}

/** A part of a file: all parts one behind the other are the file. */
export interface ExportPart {
  text: string;
  /** Null: it was the last one. */
  next: string | null;
}

/** The columns that import takes, without secrets, and what else is known. INVALID_INPUT for a filter. */
export async function exportDevices(
  database: Queryable,
  filter: DeviceFilter,
  format: 'csv' | 'json',
): Promise<string> {
  const parts: string[] = [];
  let cursor: string | undefined;
  do {
    const { text, next } = await exportPart(database, { filter, format, cursor });
    parts.push(text);
    cursor = next ?? undefined;
    await breathe();
  } while (cursor !== undefined);
  return parts.join('');
}

/** A part of what exportDevices gives. INVALID_INPUT for a filter or a cursor. */
export async function exportPart(
  database: Queryable,
  { filter, format, cursor }: ExportQuery,
): Promise<ExportPart> {
  const { devices, next } = await listDevices(database, { ...filter, limit: PAGE, cursor });
  const isFirst = cursor === undefined;
  if (format === 'csv') return { text: (isFirst ? toCsv([EXPORT_COLUMNS]) : '') + toCsv(devices), next };
  const rows = devices.map((device) => `\n${toJson(device)}`).join(',');
  // A last part can be empty, where its gateways were retired meanwhile.
  const comma = isFirst || rows === '' ? '' : ',';
  return { text: `${isFirst ? '[' : comma}${rows}${next === null ? '\n]\n' : ''}`, next };
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
  if (Array.isArray(value)) return guardCell(value.join(TAGS_SEPARATOR));
  return guardCell(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function toJson(device: Device): string {
  return JSON.stringify(Object.fromEntries(EXPORT_COLUMNS.map((name) => [name, device[name]])));
}

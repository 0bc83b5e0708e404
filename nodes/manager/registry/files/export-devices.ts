import type { Queryable } from '../../database/database.js';
import type { Separator } from '../../shared/files/csv-records.js';
import { csvPart, guardFormula } from '../../shared/files/csv-writer.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Device } from '../device.js';
import type { DeviceFilter } from '../device-filter.js';
import { listDevices } from '../device-list.js';
import { writeCell } from './file-cell.js';
import { EXPORT_COLUMNS, isImported } from './file-columns.js';

/** Made in some ms: what waits meanwhile shall not notice. */
const PAGE = 500;

/** Which part of a file is wanted. */
export interface ExportQuery {
  filter: DeviceFilter;
  format: 'csv' | 'json';
  /** `next` of the part before; left out: the first one. */
  cursor?: string | undefined;
  /** Between cells of CSV: as the spreadsheet of who asks wants it; left out: a comma. */
  separator?: Separator | undefined;
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
    await yieldToEventLoop();
  } while (cursor !== undefined);
  return parts.join('');
}

/** A part of what exportDevices gives. INVALID_INPUT for a filter or a cursor. */
export async function exportPart(
  database: Queryable,
  { filter, format, cursor, separator }: ExportQuery,
): Promise<ExportPart> {
  const { devices, next } = await listDevices(database, { ...filter, limit: PAGE, cursor });
  const isFirst = cursor === undefined;
  if (format === 'csv') {
    const cells = devices.map((device) => EXPORT_COLUMNS.map((name) => toCell(name, device[name])));
    return { text: csvPart({ rows: cells, header: isFirst ? EXPORT_COLUMNS : undefined, separator }), next };
  }
  const rows = devices.map((device) => `\n${toJson(device)}`).join(',');
  // A last part can be empty, where its gateways were retired meanwhile.
  const comma = isFirst || rows === '' ? '' : ',';
  return { text: `${isFirst ? '[' : comma}${rows}${next === null ? '\n]\n' : ''}`, next };
}

type Name = (typeof EXPORT_COLUMNS)[number];

function toCell(name: Name, value: Device[Name]): string {
  if (value === null) return '';
  const text = typeof value === 'boolean' ? String(value) : value;
  if (isImported(name)) return writeCell(name, text);
  return guardFormula(String(text));
}

function toJson(device: Device): string {
  return JSON.stringify(Object.fromEntries(EXPORT_COLUMNS.map((name) => [name, device[name]])));
}

import type { Database } from '../../database/database.js';
import type { Separator } from '../../shared/files/csv-records.js';
import { csvPart, guardFormula } from '../../shared/files/csv-writer.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Device } from '../device.js';
import type { DeviceFilter } from '../device-filter.js';
import { listDevices } from '../device-list.js';
import { writeCell } from './file-cell.js';
import { EXPORT_COLUMNS, isImported } from './file-columns.js';

/** The gateways of one part. They are written in a few ms, so other work does not wait noticeably. */
const PAGE = 200;

/** Which gateways to export, in which format, and from where to go on. */
export interface ExportQuery {
  filter: DeviceFilter;
  format: 'csv' | 'json';
  /** `next` of the part before; left out for the first part. */
  cursor?: string | undefined;
  /** The separator between cells of CSV, as the spreadsheet of the user expects it; default a comma. */
  separator?: Separator | undefined;
}

/** A part of a file. All parts joined together are the file. */
export interface ExportPart {
  text: string;
  /** The cursor for the next part; null if this is the last. */
  next: string | null;
}

/** Writes a file with EXPORT_COLUMNS of the gateways that match. Rejects with INVALID_INPUT for the filter. */
export async function exportDevices(
  database: Pick<Database, 'query' | 'execute' | 'kind'>,
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

/** Writes one part of the file that exportDevices writes. Rejects with INVALID_INPUT for the filter or the cursor. */
export async function exportPart(
  database: Pick<Database, 'query' | 'execute' | 'kind'>,
  { filter, format, cursor, separator }: ExportQuery,
): Promise<ExportPart> {
  const { devices, next } = await listDevices(database, { ...filter, limit: PAGE, cursor });
  const isFirst = cursor === undefined;
  if (format === 'csv') {
    const cells = devices.map((device) => EXPORT_COLUMNS.map((name) => toCell(name, device[name])));
    return { text: csvPart({ rows: cells, header: isFirst ? EXPORT_COLUMNS : undefined, separator }), next };
  }
  const rows = devices.map((device) => `\n${toJson(device)}`).join(',');
  // The last part is empty if its gateways were retired meanwhile.
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

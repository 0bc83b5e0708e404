import { parse } from 'csv-parse/sync';
import { messageOf, TpeError } from '../tpe-error.js';

/** One row of a file, before its fields are checked. */
export interface FileRow {
  line: number;
  fields: Record<string, unknown>;
  /** What is wrong with the row as such; null when nothing is. */
  fault: string | null;
}

const MAX_BYTES = 20 * 1024 * 1024;
const MAX_ROWS = 100_000;

/** What import takes; what export writes beside is passed over. */
export const IMPORT_COLUMNS = ['clientid', 'username', 'password', 'site', 'note', 'tags'] as const;
const EXPORTED_COLUMNS = [
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
];

/** Reads a CSV file with a header, or a JSON list of objects. INVALID_INPUT when the file as a whole cannot be read. */
export function readFile(text: string, format: 'csv' | 'json'): FileRow[] {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw unreadable(`is larger than ${MAX_BYTES / 1024 / 1024} MB: split it`);
  const rows = format === 'csv' ? readCsv(text) : readJson(text);
  if (rows.length > MAX_ROWS)
    throw unreadable(`has ${rows.length} rows, but ${MAX_ROWS} are the most: split it`);
  return rows;
}

function readCsv(text: string): FileRow[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof records;
  } catch (error) {
    throw unreadable(`is not CSV: ${messageOf(error)}`);
  }
  const [header, ...rest] = records;
  if (header === undefined) throw unreadable('is empty: its first line must name the columns');
  const names = header.record.map((name) => name.trim());
  checkHeader(names);
  // csv-parse counts the line on which a row ends; with quoted line breaks a row begins where the one before ended.
  let line = header.info.lines;
  return rest.map(({ record, info }) => {
    const begin = line + 1;
    line = info.lines;
    return toRow(names, record, begin);
  });
}

function toRow(names: readonly string[], record: readonly string[], line: number): FileRow {
  const fields = Object.fromEntries(
    names.map((name, place) => [name, unguard(record[place] ?? '')]).filter(([, value]) => value !== ''),
  );
  const fault =
    record.length === names.length
      ? null
      : `The row has ${record.length} cells, but the header has ${names.length}.`;
  const { tags, ...others } = fields;
  return { line, fields: tags === undefined ? others : { ...others, tags: tags.split(';') }, fault };
}

/** Spreadsheets take a cell that begins so for a formula; export puts an apostrophe before it. */
export const FORMULA = /^[=+\-@\t\r]/;

function unguard(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}

function delimiterOf(text: string): string {
  const header = text.split(/\r?\n/, 1)[0] ?? '';
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

function checkHeader(names: readonly string[]): void {
  if (!names.includes('clientid')) throw unreadable('has no column "clientid" in its first line');
  const known: readonly string[] = [...IMPORT_COLUMNS, ...EXPORTED_COLUMNS];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const list = unknown.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 50)));
    throw unreadable(`has unknown columns: ${list.join(', ')}; known are ${IMPORT_COLUMNS.join(', ')}`);
  }
  if (new Set(names).size < names.length) throw unreadable('names a column twice');
}

function readJson(text: string): FileRow[] {
  let list: unknown;
  try {
    list = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw unreadable(`is not JSON: ${messageOf(error)}`);
  }
  if (!Array.isArray(list)) throw unreadable('is JSON, but no list of objects');
  return list.map((element: unknown, index) => {
    const isObject = typeof element === 'object' && element !== null && !Array.isArray(element);
    if (!isObject) return { line: index + 1, fields: {}, fault: 'The element is no object.' };
    return { line: index + 1, fields: element as Record<string, unknown>, fault: null };
  });
}

function unreadable(what: string): TpeError {
  return new TpeError('INVALID_INPUT', `The file ${what}. Nothing was imported.`, { field: 'file' });
}

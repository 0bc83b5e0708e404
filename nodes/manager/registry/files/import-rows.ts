import { quote } from '../../shared/text.js';
import type { ImportFault } from '../device.js';
import { type Counted, readCell } from './file-cell.js';
import { columnNamed, IMPORT_COLUMNS, type ImportColumn, isImported, isSalt } from './file-columns.js';

/** One row of a file, before its fields are checked. */
export interface FileRow {
  line: number;
  fields: Record<string, unknown>;
  /** What is wrong with the row as such; null when nothing is. */
  fault: string | null;
}

/** What becomes of a file while it is read. */
export interface Reading {
  rows: FileRow[];
  /** What is wrong outside the rows: columns that nobody knows. */
  faults: ImportFault[];
  /** What was changed, assumed or passed over. */
  notes: ImportFault[];
  /** The same in many rows: told once, with how often and where first. */
  counts: Map<string, { line: number; times: number }>;
}

export function startReading(): Reading {
  return { rows: [], faults: [], notes: [], counts: new Map() };
}

/** `text` has `{n}` for how often. */
export function count(reading: Reading, text: string, line: number, times = 1): void {
  const known = reading.counts.get(text);
  if (known === undefined) reading.counts.set(text, { line, times });
  else known.times += times;
}

/** Puts what was counted among the notes. */
export function endReading(reading: Reading): Reading {
  for (const [text, { line, times }] of reading.counts)
    note(reading, line, text.replace('{n}', String(times)));
  reading.counts.clear();
  return reading;
}

export function note({ notes }: Reading, line: number, reason: string, clientid: string | null = null): void {
  notes.push({ line, clientid, reason });
}

/** `{n}` is how many. */
export const COUNTED: Readonly<Record<Counted, string>> = {
  guarded:
    'Values with an apostrophe in front, which keeps spreadsheets from changing them: {n}. It was left out.',
  nothing:
    'Values that programs write where there is nothing (NULL, an empty text): {n}. They were taken as left out.',
  disabled: 'Gateways that are disabled in the file: {n}. They come in disabled.',
};
export const TRIMMED = 'Values with spaces around them: {n}. The spaces were left out.';
export const SHORT = 'Rows with fewer cells than the header: {n}. What is missing was taken as empty.';

/** What a name in the header, or of a field, stands for; null: it is passed over. */
export function fieldOf(reading: Reading, name: string, line: number): ImportColumn | null {
  const column = columnNamed(name);
  if (column === null) {
    reading.faults.push(unknownColumn(name, line));
    return null;
  }
  if (!isImported(column)) return null;
  if (column.toLowerCase() !== name.toLowerCase())
    note(reading, line, `The column ${quote(name)} was read as ${column}.`);
  return column;
}

function unknownColumn(name: string, line: number): ImportFault {
  const known = IMPORT_COLUMNS.join(', ');
  const reason = `${quote(name)} is no column that import knows (${known}): it was left out.`;
  return { line, clientid: null, reason };
}

/** Why a file must not be read as one of gateways; null mostly. */
export function whyNoGateways(names: readonly string[]): string | null {
  // Each element of JSON has its own names: most are not worth a closer look.
  if (
    !names.some((name) => /salt/i.test(name) && isSalt(name)) ||
    !names.some((name) => columnNamed(name) === 'password')
  )
    return null;
  return 'has the columns "password" and "salt": these are hashes of passwords, as a table of users has them, and no passwords. Leave both out, and passwords are made';
}

/** Puts a cell into a row's fields, with what is to be told of it. */
export function takeCell(
  reading: Reading,
  row: FileRow,
  column: ImportColumn,
  cell: string,
  told: string[],
): void {
  const { value, notes, fault, counted } = readCell(column, cell);
  // What is empty once it is read is what an empty cell is.
  if (value !== null && (value !== '' || column === 'clientid')) row.fields[column] = value;
  row.fault ??= fault;
  told.push(...notes);
  if (counted !== null) count(reading, COUNTED[counted], row.line);
}

/** Adds a row and what was told of it, under its client id. */
export function endRow(reading: Reading, row: FileRow, told: readonly string[]): void {
  reading.rows.push(row);
  const { clientid } = row.fields;
  const shown = typeof clientid === 'string' ? clientid.slice(0, 200).toWellFormed() : null;
  for (const reason of told) note(reading, row.line, reason, shown);
}

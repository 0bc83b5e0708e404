import { quote } from '../../shared/text.js';
import type { ImportFault } from '../device.js';
import { type Counted, readCell } from './file-cell.js';
import { columnNamed, IMPORT_COLUMNS, type ImportColumn, isImported, isSalt } from './file-columns.js';

/** One row of a file, before its fields are checked. */
export interface FileRow {
  line: number;
  fields: Record<string, unknown>;
  /** The first fault of the row, for a person; null if there is none. */
  fault: string | null;
}

/** What was collected from a file so far. */
export interface Reading {
  rows: FileRow[];
  /** Faults that belong to no row: unknown columns. */
  faults: ImportFault[];
  /** What was changed, assumed or ignored. */
  notes: ImportFault[];
  /** By text: what applies to many rows and is noted once, with its number and its first line. */
  counts: Map<string, { line: number; times: number }>;
}

/** Creates an empty reading. */
export function startReading(): Reading {
  return { rows: [], faults: [], notes: [], counts: new Map() };
}

/** Counts what is noted once for all rows. `text` contains `{n}` in place of the number. */
export function count(reading: Reading, text: string, line: number, times = 1): void {
  const known = reading.counts.get(text);
  if (known === undefined) reading.counts.set(text, { line, times });
  else known.times += times;
}

/** Turns what was counted into notes, and returns the reading. */
export function endReading(reading: Reading): Reading {
  for (const [text, { line, times }] of reading.counts)
    note(reading, line, text.replace('{n}', String(times)));
  reading.counts.clear();
  return reading;
}

/** Adds a note about a line, for a person. */
export function note({ notes }: Reading, line: number, reason: string, clientid: string | null = null): void {
  notes.push({ line, clientid, reason });
}

/** The notes for what readCell counts; `{n}` stands for the number. */
export const COUNTED: Readonly<Record<Counted, string>> = {
  guarded:
    'Values with an apostrophe in front, which keeps spreadsheets from changing them: {n}. It was left out.',
  nothing:
    'Values that programs write where there is nothing (NULL, an empty text): {n}. They were taken as left out.',
  disabled: 'Gateways that are disabled in the file: {n}. They come in disabled.',
};
export const TRIMMED = 'Values with spaces around them: {n}. The spaces were left out.';
export const SHORT = 'Rows with fewer cells than the header: {n}. What is missing was taken as empty.';

/** Finds the column that a name stands for; null if it is ignored. Adds a fault for an unknown name, a note for another spelling. */
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

/** Says for a person why a file with these names must not be imported: its passwords are hashes. Null if it may be. */
export function whyNoGateways(names: readonly string[]): string | null {
  // This runs for each element of a JSON file, so a quick test comes first.
  if (
    !names.some((name) => /salt/i.test(name) && isSalt(name)) ||
    !names.some((name) => columnNamed(name) === 'password')
  )
    return null;
  return 'has the columns "password" and "salt": these are hashes of passwords, as a table of users has them, and no passwords. Leave both out, and passwords are made';
}

/** Reads a cell into a field of the row, and adds its notes to `told`. */
export function takeCell(
  reading: Reading,
  row: FileRow,
  column: ImportColumn,
  cell: string,
  told: string[],
): void {
  const { value, notes, fault, counted } = readCell(column, cell);
  // A cell that is empty after reading counts as an empty cell.
  if (value !== null && (value !== '' || column === 'clientid')) row.fields[column] = value;
  row.fault ??= fault;
  told.push(...notes);
  if (counted !== null) count(reading, COUNTED[counted], row.line);
}

/** Adds a row to the reading, and `told` as notes with its client id. */
export function endRow(reading: Reading, row: FileRow, told: readonly string[]): void {
  reading.rows.push(row);
  const { clientid } = row.fields;
  const shown = typeof clientid === 'string' ? clientid.slice(0, 200).toWellFormed() : null;
  for (const reason of told) note(reading, row.line, reason, shown);
}

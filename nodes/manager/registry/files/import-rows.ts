import { unreadableFile } from '../../shared/files/file-reasons.js';
import type { Reason } from '../../shared/reason.js';
import { quote } from '../../shared/text.js';
import type { ImportFault } from '../device.js';
import { type Counted, readCell } from './file-cell.js';
import { columnNamed, IMPORT_COLUMNS, type ImportColumn, isImported, isSalt } from './file-columns.js';
import { gatewayFileReason } from './gateway-file-reasons.js';

/** One row of a file, before its fields are checked. */
export interface FileRow {
  line: number;
  fields: Record<string, unknown>;
  /** The first fault of the row; null if there is none. */
  fault: Reason | null;
}

/** What was collected from a file so far. */
export interface Reading {
  rows: FileRow[];
  /** Faults that belong to no row: unknown columns. */
  faults: ImportFault[];
  /** What was changed, assumed or ignored. */
  notes: ImportFault[];
  /** What applies to many rows and is noted once, with its number and its first line. */
  counts: Map<CountedNote, { line: number; times: number }>;
}

/** Tells what applies to many rows, by their number. */
export type CountedNote = (n: number) => Reason;

/** Creates an empty reading. */
export function startReading(): Reading {
  return { rows: [], faults: [], notes: [], counts: new Map() };
}

/** Counts what is noted once for all rows. It must be the same function each time. */
export function count(reading: Reading, counted: CountedNote, line: number, times = 1): void {
  const known = reading.counts.get(counted);
  if (known === undefined) reading.counts.set(counted, { line, times });
  else known.times += times;
}

/** Turns what was counted into notes, and returns the reading. */
export function endReading(reading: Reading): Reading {
  for (const [counted, { line, times }] of reading.counts) note(reading, line, counted(times));
  reading.counts.clear();
  return reading;
}

/** Adds a note about a line. */
export function note({ notes }: Reading, line: number, reason: Reason, clientid: string | null = null): void {
  notes.push(told(line, clientid, reason));
}

/** Makes a fault of a line, or a note about it, from its reason. */
export function told(line: number, clientid: string | null, { text, cause }: Reason): ImportFault {
  return { line, clientid, reason: text, cause };
}

/** The notes for what readCell counts. */
export const COUNTED: Readonly<Record<Counted, CountedNote>> = {
  guarded: (n) => gatewayFileReason('values-guarded', { n }),
  nothing: (n) => gatewayFileReason('values-nothing', { n }),
  disabled: (n) => gatewayFileReason('gateways-disabled', { n }),
};

/** Finds the column that a name stands for; null if it is ignored. Adds a fault for an unknown name, a note for another spelling. */
export function fieldOf(reading: Reading, name: string, line: number): ImportColumn | null {
  const column = columnNamed(name);
  if (column === null) {
    reading.faults.push(unknownColumn(name, line));
    return null;
  }
  if (!isImported(column)) return null;
  if (column.toLowerCase() !== name.toLowerCase())
    note(reading, line, gatewayFileReason('column-read-as', { name: quote(name), column }));
  return column;
}

function unknownColumn(name: string, line: number): ImportFault {
  const known = IMPORT_COLUMNS.join(', ');
  return told(line, null, gatewayFileReason('column-unknown', { name: quote(name), known }));
}

/** Throws INVALID_INPUT if a file with these names must not be imported: its passwords are hashes. */
export function refuseHashes(names: readonly string[]): void {
  // This runs for each element of a JSON file, so a quick test comes first.
  const hasSalt = names.some((name) => /salt/i.test(name) && isSalt(name));
  if (hasSalt && names.some((name) => columnNamed(name) === 'password'))
    throw unreadableFile(gatewayFileReason('file-password-hashes'));
}

/** Reads a cell into a field of the row, and adds its notes to `about`. */
export function takeCell(
  reading: Reading,
  row: FileRow,
  column: ImportColumn,
  cell: string,
  about: Reason[],
): void {
  const { value, notes, fault, counted } = readCell(column, cell);
  // A cell that is empty after reading counts as an empty cell.
  if (value !== null && (value !== '' || column === 'clientid')) row.fields[column] = value;
  row.fault ??= fault;
  about.push(...notes);
  if (counted !== null) count(reading, COUNTED[counted], row.line);
}

/** Adds a row to the reading, and what is noted about it with its client id. */
export function endRow(reading: Reading, row: FileRow, about: readonly Reason[]): void {
  reading.rows.push(row);
  const { clientid } = row.fields;
  const shown = typeof clientid === 'string' ? clientid.slice(0, 200).toWellFormed() : null;
  for (const reason of about) note(reading, row.line, reason, shown);
}

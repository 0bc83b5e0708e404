import { CsvFault, type CsvRecord, csvRecords } from '../../shared/files/csv-records.js';
import { separatorOf, toldSeparator } from '../../shared/files/csv-separator.js';
import { unreadableFile } from '../../shared/files/file-reasons.js';
import { MAX_ELEMENTS } from '../../shared/json-pieces.js';
import type { Reason } from '../../shared/reason.js';
import { quote } from '../../shared/text.js';
import type { TpeError } from '../../shared/tpe-error.js';
import { columnNamed, type ImportColumn } from './file-columns.js';
import { gatewayFileReason } from './gateway-file-reasons.js';
import {
  type CountedNote,
  count,
  endRow,
  type FileRow,
  fieldOf,
  note,
  type Reading,
  refuseHashes,
  takeCell,
} from './import-rows.js';

const MAX_ROWS = MAX_ELEMENTS;
const MAX_COLUMNS = 200;
/** The most rows before the header, such as titles and comments. */
const MAX_BEFORE = 10;
/** The cells of a row that are read to see whether it is the header. */
const MAX_LOOKED_AT = 2 * MAX_COLUMNS;

const TRIMMED: CountedNote = (n) => gatewayFileReason('values-trimmed', { n });
const SHORT: CountedNote = (n) => gatewayFileReason('rows-short', { n });

/** What each column of the file stands for; null if it is ignored. */
type Fields = (ImportColumn | null)[];

/** Reads the rows of a CSV file with a header into `reading`. Rejects with INVALID_INPUT if it is no such file. */
export async function readCsv(text: string, reading: Reading): Promise<void> {
  try {
    await readRows(text, reading);
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw unreadableFile(gatewayFileReason('file-no-csv', { fault: error.reason }));
  }
}

async function readRows(given: string, reading: Reading): Promise<void> {
  // These Unicode characters count as line ends only in a file without ordinary line ends.
  const text = /[\r\n]/.test(given) ? given : given.replace(/[\u2028\u2029]/g, '\n');
  const told = toldSeparator(text);
  const separator = separatorOf(text, told, knownColumns);
  let header: Header | null = null;
  const before: CsvRecord[] = [];
  for await (const record of csvRecords(text, separator, told)) {
    if (header !== null) {
      refuseOtherHeader(header, record);
      takeRow(header, record, reading);
      if (reading.rows.length > MAX_ROWS)
        throw unreadableFile(gatewayFileReason('file-too-many-rows', { most: MAX_ROWS }));
    } else if (isHeader(record.cells)) header = headerOf(record, before, reading);
    else if (!isEmpty(record.cells)) before.push(record);
    if (header === null && before.length > MAX_BEFORE) break;
  }
  if (header === null) throw withoutHeader(before);
  if (reading.rows.length === 0) note(reading, header.line, gatewayFileReason('file-no-rows'));
}

/** How many known columns a header has; 0 for any other row. */
function knownColumns(cells: readonly string[]): number {
  return isHeader(cells) ? cells.filter((cell) => columnNamed(cell) !== null).length : 0;
}

function isHeader(cells: readonly string[]): boolean {
  return cells.slice(0, MAX_LOOKED_AT).some((cell) => columnNamed(cell) === 'clientid');
}

function isEmpty(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

interface Header {
  line: number;
  names: string[];
  fields: Fields;
  /** The notes about columns without a name; null for others. */
  nameless: (CountedNote | null)[];
  /** The index of the column with the client id. */
  clientid: number;
}

function headerOf({ line, cells }: CsvRecord, before: readonly CsvRecord[], reading: Reading): Header {
  if (cells.length > MAX_COLUMNS) {
    const counts = { count: cells.length, most: MAX_COLUMNS };
    throw unreadableFile(gatewayFileReason('file-too-many-columns', counts));
  }
  const names = cells.map((name) => name.trim());
  refuseHashes(names);
  refuseTwice(names);
  if (before.length > 0)
    note(reading, before[0]!.line, gatewayFileReason('rows-before-header', { n: before.length }));
  const fields = names.map((name) => (name === '' ? null : fieldOf(reading, name, line)));
  tellPassedOver(names, fields, reading, line);
  const nameless = names.map((name, place) => (name === '' ? inNameless(place + 1) : null));
  return { line, names, fields, nameless, clientid: fields.indexOf('clientid') };
}

function inNameless(number: number): CountedNote {
  return (n) => gatewayFileReason('values-without-name', { number, n });
}

function tellPassedOver(names: readonly string[], fields: Fields, reading: Reading, line: number): void {
  const passed = names.filter((name, place) => columnNamed(name) !== null && fields[place] === null);
  if (passed.length === 0) return;
  note(reading, line, gatewayFileReason('columns-passed-over', { names: passed.join(', ') }));
}

function refuseTwice(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    if (name === '') continue;
    const column = columnNamed(name) ?? name.toLowerCase();
    const first = seen.get(column);
    if (first !== undefined) throw unreadableFile(isTwice(first, name));
    seen.set(column, name);
  }
}

function isTwice(first: string, second: string): Reason {
  const name = quote(columnNamed(second) ?? second);
  if (first.toLowerCase() === second.toLowerCase()) return gatewayFileReason('file-column-twice', { name });
  const spellings = { first: quote(first), second: quote(second) };
  return gatewayFileReason('file-column-twice-as', { name, ...spellings });
}

function withoutHeader([first]: readonly CsvRecord[]): TpeError {
  if (first === undefined) return unreadableFile(gatewayFileReason('file-empty'));
  const found = first.cells.slice(0, 10).map(quote).join(', ');
  return unreadableFile(gatewayFileReason('file-without-clientid', { found }));
}

function takeRow(header: Header, { line, cells, trimmed }: CsvRecord, reading: Reading): void {
  if (isEmpty(cells)) return;
  const { names, fields } = header;
  if (isComment(cells)) return note(reading, line, gatewayFileReason('comment-left-out'));
  if (isFrame(cells)) return note(reading, line, gatewayFileReason('frame-left-out'));
  if (isAgain(names, cells)) return note(reading, line, gatewayFileReason('header-again'));
  if (trimmed > 0) count(reading, TRIMMED, line, trimmed);
  const row: FileRow = { line, fields: {}, fault: widthFault(names.length, cells) };
  if (row.fault === null && cells.length < names.length) count(reading, SHORT, line);
  const about: Reason[] = [];
  for (const [place, cell] of cells.entries()) {
    if (cell === '') continue;
    const field = fields[place] ?? null;
    const nameless = header.nameless[place] ?? null;
    if (field !== null) takeCell(reading, row, field, cell, about);
    else if (nameless !== null) count(reading, nameless, line);
  }
  endRow(reading, row, about);
}

/** Throws if a later row is a header with other columns, since the rows below it would be misread. */
function refuseOtherHeader({ names }: Header, { line, cells }: CsvRecord): void {
  const filled = cells.filter((cell) => cell.trim() !== '');
  const isOther =
    filled.length > 1 &&
    isHeader(cells) &&
    filled.every((cell) => columnNamed(cell) !== null) &&
    !isAgain(names, cells);
  if (isOther) throw unreadableFile(gatewayFileReason('file-second-header', { line }));
}

/** True for a row that is a comment. A client id cannot contain `#`. */
function isComment(cells: readonly string[]): boolean {
  return /^(?:#(?![^\s]*[!?/])|\/\/)/.test(cells[0]!) && isEmpty(cells.slice(1));
}

/** True for a line that frames a table, as databases and Markdown write it: `-----+----`, `(2 rows)`. */
function isFrame(cells: readonly string[]): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  if (filled.every((cell) => /^[-+=:]{3,}$/.test(cell))) return true;
  return filled.length === 1 && /^\(\d+ \p{L}+\)$/u.test(filled[0]!);
}

/** True if the header is repeated, as in a file that was joined from several. */
function isAgain(names: readonly string[], cells: readonly string[]): boolean {
  return isHeader(cells) && cells.every((cell, place) => cell.trim() === (names[place] ?? ''));
}

function widthFault(columns: number, cells: readonly string[]): Reason | null {
  if (cells.slice(columns).some((cell) => cell.trim() !== ''))
    return gatewayFileReason('row-too-wide', { count: cells.length, columns });
  const other = columns > 1 && cells.length === 1 ? otherSeparatorIn(cells[0]!) : null;
  return other === null ? null : gatewayFileReason('row-other-separator', { separator: quote(other) });
}

function otherSeparatorIn(cell: string): string | null {
  return /^[^ ]*([,;\t|])/.exec(cell)?.[1] ?? null;
}

import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { breathe } from '../database/breathe.js';
import { jsonFault } from '../json-bounds.js';
import { MOST_ELEMENTS, parseInPieces, TooMany } from '../json-pieces.js';
import { messageOf, TpeError } from '../tpe-error.js';
import type { ImportFault } from './device.js';
import { EXPORT_COLUMNS, IMPORT_COLUMNS, TAGS_SEPARATOR, unguardCell } from './file-columns.js';
import { quote } from './text.js';

/** One row of a file, before its fields are checked. */
export interface FileRow {
  line: number;
  fields: Record<string, unknown>;
  /** What is wrong with the row as such; null when nothing is. */
  fault: string | null;
}

/** A file, read. */
export interface ImportFile {
  rows: FileRow[];
  /** What is wrong outside the rows: columns that nobody knows. */
  faults: ImportFault[];
}

const MAX_BYTES = 20 * 1024 * 1024;
const MAX_ROWS = MOST_ELEMENTS;
const MAX_COLUMNS = 200;
/** No field may have so much; a quote that is not closed would make one row of the whole file. */
const MAX_ROW_CHARACTERS = 30_000;
/** Of a file that is read at once, characters. */
const PIECE = 1024;
const LINE_BREAKS = ['\r\n', '\n', '\r'];
const KNOWN_COLUMNS: ReadonlySet<string> = new Set<string>([...IMPORT_COLUMNS, ...EXPORT_COLUMNS]);

/**
 * Reads CSV with a header, or a JSON list of objects; everything else has its turn meanwhile. INVALID_INPUT when the file as
 * a whole cannot be read.
 */
export async function readFile(text: string, format: 'csv' | 'json'): Promise<ImportFile> {
  if (typeof text !== 'string') throw unreadable('is no text');
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw unreadable(`is larger than ${MAX_BYTES / 1024 / 1024} MB: split it`);
  return format === 'csv' ? await readCsv(text) : await readJson(text);
}

async function readCsv(text: string): Promise<ImportFile> {
  let names: string[] | null = null;
  let headerLine = 1;
  const rows: FileRow[] = [];
  for await (const record of recordsOf(text)) {
    if (names === null) {
      names = namesOf(record.cells);
      headerLine = record.line;
    } else if (record.cells.length > 0) rows.push(toRow(names, record));
    if (rows.length > MAX_ROWS) throw unreadable(`has over ${MAX_ROWS} rows: split it`);
  }
  if (names === null) throw noHeader();
  return { rows, faults: unknownColumns(names, headerLine) };
}

function namesOf(cells: readonly string[]): string[] {
  if (cells.length === 0) throw noHeader();
  if (cells.length > MAX_COLUMNS)
    throw unreadable(`has ${cells.length} columns, and ${MAX_COLUMNS} are the most`);
  const names = cells.map((name) => name.trim().toLowerCase()).map(knownName);
  checkHeader(names);
  return names;
}

function noHeader(): TpeError {
  return unreadable('is empty: its first line must name the columns, "clientid" among them');
}

interface CsvRecord {
  /** On which the record begins. */
  line: number;
  /** None: the line is empty. */
  cells: string[];
}

async function* recordsOf(text: string): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(text),
    record_delimiter: LINE_BREAKS,
    relax_column_count: true,
    trim: true,
    raw: true,
    max_record_size: MAX_ROW_CHARACTERS,
  });
  const source = Readable.from(piecesOf(text), { highWaterMark: 1 });
  source.pipe(parser);
  // csv-parse counts a quoted CRLF twice, so the lines are counted here.
  let line = 1;
  try {
    for await (const { record, raw } of parser as AsyncIterable<{ record: string[]; raw: string }>) {
      await breathe();
      const begin = line;
      line += raw.match(/\r\n|\n|\r/g)?.length ?? 0;
      yield { line: begin, cells: record.every((cell) => cell === '') ? [] : record };
    }
  } catch (error) {
    throw error instanceof TpeError ? error : unreadable(`is not CSV: ${csvFault(error)}`);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** Without the cell at the fault, which may be a password. */
function csvFault(error: unknown): string {
  return messageOf(error).replace(/, value is [\s\S]*$/, '');
}

function* piecesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += PIECE) yield text.slice(start, start + PIECE);
}

/** Spreadsheets write semicolons where the comma is the decimal sign. */
function delimiterOf(text: string): ',' | ';' {
  const header = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

/** A name as we write it, whatever its case in the file. */
function knownName(name: string): string {
  for (const known of KNOWN_COLUMNS) if (known.toLowerCase() === name) return known;
  return name;
}

function checkHeader(names: readonly string[]): void {
  if (!names.includes('clientid')) {
    const found = names.slice(0, 10).map(quote).join(', ');
    throw unreadable(`has no column "clientid": its first line must name the columns, but has ${found}`);
  }
  const twice = names.find((name, place) => name !== '' && names.indexOf(name) !== place);
  if (twice !== undefined) throw unreadable(`has the column ${quote(twice)} twice`);
}

function unknownColumns(names: readonly string[], line: number): ImportFault[] {
  const unknown = names.filter((name) => name !== '' && !KNOWN_COLUMNS.has(name));
  return unknown.map((name) => unknownColumn(name, line));
}

function toRow(names: readonly string[], { line, cells }: CsvRecord): FileRow {
  const fields: Record<string, unknown> = {};
  for (const [place, name] of names.entries()) {
    const cell = cells[place] ?? '';
    if (cell !== '') fields[name] = toField(name, cell);
  }
  const surplus = cells.slice(names.length).some((cell) => cell !== '');
  const fits = cells.length >= names.length && !surplus;
  const fault = fits ? null : `The row has ${cells.length} cells, but the header has ${names.length}.`;
  return { line, fields, fault };
}

function toField(name: string, cell: string): unknown {
  // Export writes no passwords, so an apostrophe in front of one is its own.
  if (name === 'password') return cell;
  const text = unguardCell(cell);
  return name === 'tags' ? text.split(TAGS_SEPARATOR) : text;
}

async function readJson(text: string): Promise<ImportFile> {
  let list: unknown;
  try {
    list = await parseInPieces(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof TooMany) throw unreadable(`is JSON, but ${error.message}: split it`);
    throw unreadable(`is not JSON: ${jsonFault(error)}`);
  }
  if (!Array.isArray(list)) throw unreadable('is JSON, but no list of objects');
  const unknown = new Map<string, number>();
  const rows: FileRow[] = [];
  for (const [index, element] of list.entries()) {
    await breathe();
    rows.push(toJsonRow(element, index + 1, unknown));
  }
  return { rows, faults: [...unknown].map(([name, line]) => unknownColumn(name, line)) };
}

/** Notes in `unknown` what nobody knows, with its line. */
function toJsonRow(element: unknown, line: number, unknown: Map<string, number>): FileRow {
  if (!isRecord(element)) return { line, fields: {}, fault: 'The element is no object.' };
  for (const name of Object.keys(element)) {
    if (!KNOWN_COLUMNS.has(name) && !unknown.has(name) && unknown.size < 100) unknown.set(name, line);
  }
  return { line, fields: element, fault: null };
}

function unknownColumn(name: string, line: number): ImportFault {
  const known = IMPORT_COLUMNS.join(', ');
  const reason = `${quote(name)} is no column that import knows (${known}): it was left out.`;
  return { line, clientid: null, reason };
}

function unreadable(what: string): TpeError {
  return new TpeError('INVALID_INPUT', `The file ${what}. Nothing was imported.`, { field: 'file' });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

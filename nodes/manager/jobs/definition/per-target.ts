import { clientIdOf, isClientId } from '../../protocol/client-id.js';
import { readCell } from '../../registry/files/file-cell.js';
import { columnNamed } from '../../registry/files/file-columns.js';
import { CsvFault, type CsvRecord, csvRecords } from '../../shared/files/csv-records.js';
import { separatorOf, toldSeparator } from '../../shared/files/csv-separator.js';
import { isFormula } from '../../shared/files/csv-writer.js';
import { decodeSurely } from '../../shared/files/decode-text.js';
import { whyTooLarge } from '../../shared/json-bounds.js';
import { quote } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { isPlainObject, kindOf } from '../../shared/validate.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { MAX_TARGETS } from './definition.js';
import { whyUnstorable } from './storable.js';
import { atField, wrongJob } from './wrong-job.js';

const FIELD = 'perTarget';
const MAX_COLUMNS = 200;
/** The most rows before the header, such as a title. */
const MAX_BEFORE = 10;
/** The largest values of one gateway. */
const ROW = { depth: 8, values: 2000, characters: 100_000 };
/** `="0012345"`, by which people keep a spreadsheet from changing digits. */
const TEXT_FORMULA = /^=\s*"((?:[^"]|"")*)"\s*$/;

/** The values of single gateways. */
export interface TargetValues {
  /** The names of all columns but that of the client id. */
  columns: ReadonlySet<string>;
  /** By client id. An empty cell is no value. */
  values: Map<string, Record<string, unknown>>;
}

/**
 * Reads the values of single gateways: the text of a CSV file, or a list of objects. Rejects with INVALID_INPUT naming the line, for a file
 * without a column of client ids, a client id that is none or comes twice, a column that comes twice, and values that cannot be stored.
 */
export async function readTargetValues(given: string | readonly object[]): Promise<TargetValues> {
  const found: TargetValues & { columns: Set<string> } = { columns: new Set(), values: new Map() };
  if (typeof given === 'string') await readText(given, found);
  else await readList(given, found);
  if (found.values.size === 0) throw wrongJob(FIELD, 'no-rows', 'has no gateway with values');
  return found;
}

type Found = TargetValues & { columns: Set<string> };

async function readList(rows: readonly object[], found: Found): Promise<void> {
  for (const [index, row] of rows.entries()) {
    await yieldToEventLoop();
    const place = `${FIELD}.${index}`;
    if (!isPlainObject(row)) throw wrongJob(place, 'type', `is ${kindOf(row)}: give an object`);
    const key = Object.keys(row).find(isClientIdColumn);
    if (key === undefined) throw wrongJob(place, 'no-clientid', 'has no "clientid"');
    const values = Object.entries(row).filter(([name, value]) => name !== key && !isNothing(value));
    add(found, row[key], Object.fromEntries(values), place);
    for (const name of Object.keys(row)) if (name !== key) found.columns.add(name);
    refuseMany(found.columns.size);
  }
}

async function readText(given: string, found: Found): Promise<void> {
  try {
    const { text } = await decodeSurely(given);
    await readRows(text, found);
  } catch (error) {
    if (error instanceof CsvFault)
      throw wrongJob(FIELD, 'no-csv', `is no CSV that can be read: ${error.message}`);
    const isOfFile = error instanceof TpeError && error.details.field === 'file';
    throw isOfFile ? atField(error, FIELD, 'no-csv') : error;
  }
}

async function readRows(text: string, found: Found): Promise<void> {
  const told = toldSeparator(text);
  const separator = separatorOf(text, told, (cells) => (hasClientId(cells) ? cells.length : 0));
  let names: string[] | null = null;
  let before = 0;
  for await (const record of csvRecords(text, separator, told)) {
    if (names === null && hasClientId(record.cells)) {
      names = namesOf(record);
      for (const name of names) if (!isClientIdColumn(name) && name !== '') found.columns.add(name);
    } else if (names !== null) addRecord(found, names, record);
    else if (before++ >= MAX_BEFORE) break;
  }
  if (names === null) throw wrongJob(FIELD, 'no-clientid', 'has no column "clientid" in its first rows');
}

function namesOf({ cells, line }: CsvRecord): string[] {
  refuseMany(cells.length);
  const names = cells.map((name) => name.trim());
  const keys = names.map((name) => (isClientIdColumn(name) ? 'clientid' : name));
  const twice = keys.find((name, place) => name !== '' && keys.indexOf(name) < place);
  if (twice !== undefined)
    throw wrongJob(FIELD, 'column-twice', `has the column ${quote(twice)} twice, on line ${line}`);
  return names;
}

function addRecord(found: Found, names: readonly string[], { cells, line }: CsvRecord): void {
  if (cells.every((cell) => cell === '')) return;
  const place = `${FIELD}.line ${line}`;
  if (cells.length > names.length)
    throw wrongJob(
      place,
      'row-too-wide',
      `has ${cells.length} values, but there are ${names.length} columns`,
    );
  let key: unknown;
  const values: [string, string][] = [];
  for (const [index, cell] of cells.entries()) {
    const name = names[index]!;
    if (isClientIdColumn(name)) key = clientIdIn(cell, place);
    else if (name !== '' && cell !== '') values.push([name, valueIn(cell)]);
  }
  add(found, key, Object.fromEntries(values), place);
}

/** Reads a client id as files of gateways are read, which finds those that a spreadsheet has shortened. */
function clientIdIn(cell: string, place: string): unknown {
  const { value, fault } = readCell('clientid', cell);
  if (fault !== null) throw wrongJob(place, 'clientid', `has no client id: ${fault.text}`);
  return value;
}

/** The value of a cell, without what keeps spreadsheets from changing it or from running it. */
function valueIn(cell: string): string {
  const formula = TEXT_FORMULA.exec(cell)?.[1];
  if (formula !== undefined) return formula.replaceAll('""', '"');
  return cell.startsWith("'") && isFormula(cell.slice(1)) ? cell.slice(1) : cell;
}

function add(found: Found, key: unknown, values: Record<string, unknown>, place: string): void {
  const clientid = clientIdOf(key);
  if (!isClientId(clientid)) throw wrongJob(place, 'clientid', `has no client id but ${quote(clientid)}`);
  if (found.values.has(clientid))
    throw wrongJob(place, 'clientid-twice', `has the client id ${quote(clientid)}, which came before`);
  const tooLarge = whyTooLarge(values, ROW);
  if (tooLarge !== null) throw wrongJob(place, 'size', tooLarge);
  const unfit = whyUnstorable(values);
  if (unfit !== null) throw wrongJob(place, 'storable', unfit);
  found.values.set(clientid, values);
  if (found.values.size > MAX_TARGETS) throw wrongJob(FIELD, 'size', `has more than ${MAX_TARGETS} gateways`);
}

function refuseMany(columns: number): void {
  if (columns > MAX_COLUMNS)
    throw wrongJob(FIELD, 'size', `has ${columns} columns, but may have ${MAX_COLUMNS}`);
}

function hasClientId(cells: readonly string[]): boolean {
  return cells.slice(0, 2 * MAX_COLUMNS).some(isClientIdColumn);
}

function isClientIdColumn(name: string): boolean {
  return columnNamed(name) === 'clientid';
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

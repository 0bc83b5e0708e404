import { unreadableFile } from '../../shared/files/file-reasons.js';
import { jsonFaultIn } from '../../shared/files/json-fault.js';
import { repeatedNames } from '../../shared/files/repeated-names.js';
import { parseJson, whyNoJson } from '../../shared/json-bounds.js';
import { MAX_ELEMENTS, parseInPieces, TooMany } from '../../shared/json-pieces.js';
import type { Reason } from '../../shared/reason.js';
import { quote } from '../../shared/text.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { isOfSpreadsheet, nameNotes } from './file-cell.js';
import { columnNamed, type ImportColumn } from './file-columns.js';
import { gatewayFileReason } from './gateway-file-reasons.js';
import {
  COUNTED,
  count,
  endRow,
  type FileRow,
  fieldOf,
  note,
  type Reading,
  refuseHashes,
  takeCell,
} from './import-rows.js';

/**
 * Reads the gateways of a JSON file into `reading`: a list, an object with one list, one gateway, or one gateway on each line. Rejects with
 * INVALID_INPUT for any other file.
 */
export async function readJson(text: string, reading: Reading): Promise<void> {
  const { list, repeated } = await listIn(text, reading);
  const fieldNamed = fieldNames(reading);
  for (const [index, element] of list.entries()) {
    await yieldToEventLoop();
    takeElement(element, index + 1, repeated.get(index), fieldNamed, reading);
  }
  if (list.length === 0) note(reading, 1, gatewayFileReason('list-empty'));
}

/** The elements of a file. */
interface Elements {
  list: unknown[];
  /** By index of the element: a field that the element has more than once. JSON.parse keeps only the last. */
  repeated: ReadonlyMap<number, string>;
}

async function listIn(text: string, reading: Reading): Promise<Elements> {
  let value: unknown;
  try {
    value = await parseInPieces(text);
  } catch (error) {
    if (error instanceof TooMany)
      throw unreadableFile(gatewayFileReason('file-json-too-much', { fault: error.reason }));
    const lines = error instanceof SyntaxError ? await linesOf(text) : null;
    if (lines !== null && lines.list.length > MAX_ELEMENTS)
      throw unreadableFile(gatewayFileReason('file-too-many-lines', { most: MAX_ELEMENTS }));
    if (lines !== null) return lines;
    const fault = (await jsonFaultIn(text)) ?? whyNoJson(error);
    throw unreadableFile(gatewayFileReason('file-no-json', { fault }));
  }
  if (Array.isArray(value)) return { list: value, repeated: await repeatedBelow(text, []) };
  if (!isRecord(value)) throw unreadableFile(gatewayFileReason('file-json-no-list'));
  if (Object.keys(value).some((name) => columnNamed(name) === 'clientid'))
    return { list: [value], repeated: await repeatedInOne(text) };
  const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  const [only] = lists;
  if (only === undefined || lists.length > 1)
    throw unreadableFile(gatewayFileReason('file-json-no-gateways'));
  note(reading, 1, gatewayFileReason('list-taken', { name: quote(only[0]) }));
  if (value.next != null) note(reading, 1, gatewayFileReason('file-one-page'));
  return { list: only[1], repeated: await repeatedBelow(text, [only[0]]) };
}

/** Finds repeated fields of the elements of the list at `path`. Throws if the top object repeats one, as it is unclear which counts. */
async function repeatedBelow(text: string, path: readonly string[]): Promise<Map<number, string>> {
  const repeated = new Map<number, string>();
  for (const found of repeatedNames(text)) {
    await yieldToEventLoop();
    if (found === null) continue;
    const index = found.path[path.length];
    if (found.path.length === 0)
      throw unreadableFile(gatewayFileReason('file-json-field-twice', { name: quote(found.name) }));
    if (typeof index === 'number' && found.path[path.length - 1] === path.at(-1))
      repeated.set(index, found.name);
  }
  return repeated;
}

/** Finds a repeated field in a text that is a single element. */
async function repeatedInOne(text: string): Promise<Map<number, string>> {
  for (const found of repeatedNames(text)) {
    await yieldToEventLoop();
    if (found !== null) return new Map([[0, found.name]]);
  }
  return new Map();
}

/** Reads a file with an object on each of at least two lines; null for any other file. */
async function linesOf(text: string): Promise<Elements | null> {
  const list: unknown[] = [];
  const repeated = new Map<number, string>();
  for (let begin = 0; begin < text.length; ) {
    await yieldToEventLoop();
    const found = text.indexOf('\n', begin);
    const end = found === -1 ? text.length : found;
    const line = text.slice(begin, end).trim();
    begin = end + 1;
    if (line === '') continue;
    if (!line.startsWith('{') || !line.endsWith('}')) return null;
    try {
      list.push(parseJson(line));
    } catch {
      return null;
    }
    for (const [, name] of await repeatedInOne(line)) repeated.set(list.length - 1, name);
    if (list.length > MAX_ELEMENTS) break;
  }
  return list.length > 1 ? { list, repeated } : null;
}

/** The most names of fields that are reported; more than any real file has. */
const MAX_NAMES = 200;
type FieldNamed = (name: string, line: number) => ImportColumn | null;

/** Creates a function that finds the column for the name of a field, and reports each name only once. */
function fieldNames(reading: Reading): FieldNamed {
  const known = new Map<string, ReturnType<FieldNamed>>();
  return (name, line) => {
    const field = known.get(name);
    if (field !== undefined) return field;
    // Above the limit, unknown names are no longer reported, but known ones still work.
    if (known.size >= MAX_NAMES && columnNamed(name) === null) return null;
    const found = fieldOf(reading, name, line);
    known.set(name, found);
    return found;
  };
}

function takeElement(
  element: unknown,
  line: number,
  repeated: string | undefined,
  fieldNamed: FieldNamed,
  reading: Reading,
): void {
  if (!isRecord(element))
    return endRow(reading, { line, fields: {}, fault: gatewayFileReason('element-no-object') }, []);
  refuseHashes(Object.keys(element));
  const row: FileRow = { line, fields: {}, fault: repeated === undefined ? null : hasTwice(repeated) };
  const about: Reason[] = [];
  for (const [name, value] of Object.entries(element)) {
    const field = fieldNamed(name, line);
    if (field !== null && Object.hasOwn(row.fields, field)) row.fault ??= hasTwice(field);
    else if (field !== null) takeValue(reading, row, field, value, about);
  }
  endRow(reading, row, about);
}

function hasTwice(field: string): Reason {
  return gatewayFileReason('element-field-twice', { name: quote(field) });
}

function takeValue(
  reading: Reading,
  row: FileRow,
  field: ImportColumn,
  value: unknown,
  about: Reason[],
): void {
  if (value === null) return;
  if (typeof value === 'string') return takeText(reading, row, field, value, about);
  if (field === 'enabled' && typeof value !== 'object')
    return takeCell(reading, row, field, String(value), about);
  if (isNumber(value) && field !== 'password' && field !== 'tags') {
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
      about.push(gatewayFileReason('number-as-text', { field, value: String(value) }));
      row.fields[field] = String(value);
      return;
    }
    row.fault ??= gatewayFileReason('value-number-not-kept', { field });
  }
  row.fields[field] = value;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/**
 * Takes a text exactly as it is, since JSON says what is meant. Tags and `enabled`, a text with a lost character, and a client id that a
 * spreadsheet has written are read like a cell.
 */
function takeText(reading: Reading, row: FileRow, field: ImportColumn, text: string, about: Reason[]): void {
  // Programs that convert a table to JSON write an empty cell as an empty text.
  if (text === '' && (field === 'username' || field === 'password'))
    return count(reading, COUNTED.nothing, row.line);
  const isCell =
    field === 'tags' ||
    field === 'enabled' ||
    text.includes('\ufffd') ||
    (field === 'clientid' && isOfSpreadsheet(text));
  if (isCell) return takeCell(reading, row, field, text, about);
  row.fields[field] = text;
  if (field === 'clientid' || field === 'username') about.push(...nameNotes(field, text));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

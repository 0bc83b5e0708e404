import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { checkOwnSchemas, readOwnOperation } from '../custom-operation.js';
import type { Operation } from '../operation.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { entryOf, type FileEntry, pointer } from './file-entry.js';
import type { ImportNote } from './import-note.js';
import type { FileFormat } from './import-report.js';
import { readJsonFile } from './json-file.js';
import { withKeptNumbers } from './long-numbers.js';
import { MAX_OPERATIONS } from './most-operations.js';
import { createNotes, type Notes, noteOf, noteUnread } from './note-list.js';
import { readOpenApi } from './openapi-file.js';
import { readTpedmFile } from './tpedm-file.js';
import { readYaml } from './yaml-text.js';

/** The content of a file of operations. */
export interface FileContent {
  format: FileFormat;
  /** The prefix of the paths of an OpenAPI document; null for other files. */
  prefix: string | null;
  /** The notes about the file as a whole. */
  notes: ImportNote[];
  entries: FileEntry[];
}

/** The most entries of a report, refused ones included, since nobody reads more. */
const MAX_ENTRIES = 5000;
/** The most characters of JSON of all operations, with references expanded. */
const MAX_CHARACTERS = 20 * 1024 * 1024;

/** The most characters of JSON of all notes together, since a report is sent and shown as a whole. */
const MAX_NOTED = 512 * 1024;
/** The largest depth of a JSON file. Schemas have a lower bound of their own, and are cut off or refused one by one. */
const MAX_DEPTH = 1000;

const OUR_FILE = {
  type: 'object',
  required: ['format', 'version', 'operations'],
  properties: { format: { const: 'tpe-operations' }, version: { const: 1 }, operations: { type: 'array' } },
} as const;
const isOurFile = guard<FromSchema<typeof OUR_FILE>>(OUR_FILE);

/**
 * Reads a file of operations, as JSON or YAML: our own export, TPEDM's command.json, or an OpenAPI document. A wrong operation is
 * refused by itself. `prefix` is the prefix of the paths of an OpenAPI document, in place of that of its servers. Throws
 * INVALID_INPUT for a file of another kind, and for a prefix where the file takes none. It can take seconds, so call it in a
 * worker thread.
 */
export function readOperationsFile(text: string, prefix?: string): FileContent {
  const said = createNotes();
  tellLost(text, said);
  const { format, entries, ...content } = contentOf(parse(text, said), prefix, said);
  const taken: FileEntry[] = [];
  let operations = 0;
  let characters = 0;
  let noted = 0;
  for (const entry of entries) {
    if (taken.length === MAX_ENTRIES) {
      const { place, name } = entry;
      taken.push({ place, name, reason: tooMuch(`${MAX_ENTRIES} entries are the most`).message });
      break;
    }
    if (!('operation' in entry)) {
      taken.push(entry);
      continue;
    }
    operations += 1;
    characters += JSON.stringify(entry.operation).length;
    const { operation, notes, ...at } = entry;
    const checked = entryOf(at, () => {
      if (operations > MAX_OPERATIONS) throw tooMuch(`${MAX_OPERATIONS} operations are the most`);
      if (characters > MAX_CHARACTERS) throw tooMuch('with all that its references mean it is too large');
      checkOwnSchemas(operation);
      return operation;
    });
    noted += JSON.stringify(notes).length;
    const told = noted > MAX_NOTED && notes.length > 0 ? [moreOf(notes)] : notes;
    taken.push('operation' in checked ? { ...checked, notes: told } : checked);
    // All further operations would be refused for the same reason.
    if (operations > MAX_OPERATIONS) break;
  }
  return {
    format,
    prefix: content.prefix ?? null,
    notes: [...said.list(), ...(content.notes?.() ?? [])],
    entries: taken,
  };
}

function moreOf(notes: readonly ImportNote[]): ImportNote {
  return noteOf('', 'more', { count: String(notes.length) });
}

interface Content {
  format: FileFormat;
  prefix?: string;
  entries: Iterable<FileEntry>;
  /** Complete only after all entries were read. */
  notes?(): ImportNote[];
}

function contentOf(file: unknown, prefix: string | undefined, said: Notes): Content {
  if (!isObject(file)) throw unreadable(NONE_OF_THEM);
  if (typeof file.openapi === 'string' || typeof file.openapi === 'number') {
    const version = versionOf(file.openapi);
    return { format: 'openapi', ...readOpenApi(file, version, prefix) };
  }
  if (prefix !== undefined && file.swagger === undefined) {
    const text =
      'Only an OpenAPI document takes a prefix: the paths of this file are whole. Nothing was imported.';
    throw new TpeError('INVALID_INPUT', text, { field: 'prefix' });
  }
  if (file.swagger !== undefined) {
    throw unreadable(
      'is Swagger 2.0: convert it to OpenAPI 3 first, with editor.swagger.io or swagger2openapi',
    );
  }
  if (file.format === 'tpe-operations') {
    if (isOurFile(file)) {
      noteUnread(file, ['format', 'version', 'operations'], '', said);
      return { format: 'operations', entries: readOurFile(file.operations) };
    }
    throw unreadable('is an export of operations, but not of version 1 with a list "operations"');
  }
  if (Array.isArray(file.category)) {
    noteUnread(file, ['category'], '', said);
    return { format: 'tpedm', entries: readTpedmFile(file.category, said) };
  }
  throw unreadable(NONE_OF_THEM);
}

/** YAML reads `3.1` as a number, and `3.0` as the number 3. */
function versionOf(given: string | number): '3.0' | '3.1' {
  const text = String(given).trim();
  if (/^3(\.0(\.|$)|$)/.test(text)) return '3.0';
  if (/^3\.1(\.|$)/.test(text)) return '3.1';
  throw unreadable(`is OpenAPI ${text.slice(0, 20)}: this reads 3.0 and 3.1`);
}

const NONE_OF_THEM =
  'is none of these: an export of operations, the command.json of TPEDM, an OpenAPI 3 document (JSON or YAML)';

function* readOurFile(operations: readonly unknown[]): Generator<FileEntry> {
  for (const [index, given] of operations.entries()) {
    const name = isObject(given) ? given.name : '';
    const place = pointer('operations', index);
    yield entryOf({ place, name }, (notes) => readOurEntry(given, place, notes));
  }
}

/** Notes lost characters. U+FFFD can be in any name or value, as itself or as an escape of JSON and YAML. */
function tellLost(text: string, notes: Notes): void {
  const places = [...text.matchAll(/\ufffd|\\ufffd/gi)];
  const [first] = places;
  if (first === undefined) return;
  const line = text.slice(0, first.index).split('\n').length;
  notes.add('', 'lost-characters', { count: String(places.length), line: String(line) });
}

function readOurEntry(given: unknown, place: string, notes: Notes): Operation {
  const operation = readOwnOperation(withKeptNumbers(given, place, notes));
  const { risk, classes } = isObject(given) ? given : {};
  const is = [operation.risk, ...operation.classes];
  const said = [risk ?? operation.risk, ...(Array.isArray(classes) ? classes : operation.classes)].map(
    String,
  );
  if (is.some((one) => !said.includes(one)))
    notes.add(place, 'risk-raised', { said: said.join(', '), risk: is.join(', ') });
  return operation;
}

function parse(text: string, notes: Notes): unknown {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') throw unreadable('is empty');
  if (trimmed.startsWith('<'))
    throw unreadable('is HTML or XML, not JSON or YAML: was a page saved in its place?');
  // YAML can begin with a brace too, but then its names have no quotes.
  const isJson = /^(\[|\{\s*(["}/]|$)|\/[/*])/.test(trimmed);
  return isJson ? jsonIn(trimmed, notes) : yamlIn(trimmed, notes);
}

function jsonIn(text: string, notes: Notes): unknown {
  try {
    return readJsonFile(text, MAX_DEPTH, notes);
  } catch (error) {
    throw unreadable(`is not JSON: ${shown(messageOf(error))}`);
  }
}

function yamlIn(text: string, notes: Notes): unknown {
  try {
    return readYaml(text, notes);
  } catch (error) {
    throw unreadable(`is not YAML that can be read: ${shown(messageOf(error))}`);
  }
}

function shown(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200).toWellFormed();
}

function tooMuch(why: string): TpeError {
  return new TpeError(
    'INVALID_INPUT',
    `The file has too much: ${why}. This operation and all after it are left out.`,
  );
}

function unreadable(what: string): TpeError {
  return new TpeError('INVALID_INPUT', `The file ${what}. Nothing was imported.`, { field: 'file' });
}

import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { parseDocument, visit } from 'yaml';
import { jsonFault, parseJson } from '../json-bounds.js';
import { messageOf, TpeError } from '../tpe-error.js';
import { entryOf, type FileEntry, pointer } from './file-entry.js';
import { readOpenApi } from './openapi-file.js';
import { checkOwnSchemas, readOwnOperation } from './own-operation.js';
import { isSchema as isObject } from './subschemas.js';
import { readTpedmFile } from './tpedm-file.js';

export type FileFormat = 'tpedm' | 'openapi' | 'operations';

export interface FileContent {
  format: FileFormat;
  entries: FileEntry[];
}

/** So many operations of their own the users of a database may have. */
export const MOST_OPERATIONS = 2000;
/** Refused ones too: nobody reads more. */
const MOST_ENTRIES = 5000;
/** What all references of a document mean, written out, in characters of JSON. */
const MOST_CHARACTERS = 20 * 1024 * 1024;

const MOST_ALIASES = 100;
/** Schemas that go deeper are cut off or refused one by one. */
const MOST_DEPTH = 1000;

const OUR_FILE = {
  type: 'object',
  required: ['format', 'version', 'operations'],
  properties: { format: { const: 'tpe-operations' }, version: { const: 1 }, operations: { type: 'array' } },
} as const;
const isOurFile = new Ajv().compile<FromSchema<typeof OUR_FILE>>(OUR_FILE);

/**
 * Reads a file of operations: our own export, TPEDM's command.json, or an OpenAPI document, as JSON or YAML. What is wrong
 * with one operation does not touch the others. Throws INVALID_INPUT for a file that is none of them. May take seconds.
 */
export function readOperationsFile(text: string): FileContent {
  const { format, entries } = entriesOf(parse(text));
  const taken: FileEntry[] = [];
  let operations = 0;
  let characters = 0;
  for (const entry of entries) {
    if (taken.length === MOST_ENTRIES) {
      const { place, name } = entry;
      taken.push({ place, name, reason: tooMuch(`${MOST_ENTRIES} entries are the most`).message });
      break;
    }
    if (!('operation' in entry)) {
      taken.push(entry);
      continue;
    }
    operations += 1;
    characters += JSON.stringify(entry.operation).length;
    const { place, name, operation } = entry;
    taken.push(
      entryOf(place, name, () => {
        if (operations > MOST_OPERATIONS) throw tooMuch(`${MOST_OPERATIONS} operations are the most`);
        if (characters > MOST_CHARACTERS) throw tooMuch('with all that its references mean it is too large');
        checkOwnSchemas(operation);
        return operation;
      }),
    );
    // Whatever comes then is too much as well.
    if (operations > MOST_OPERATIONS) break;
  }
  return { format, entries: taken };
}

function entriesOf(file: unknown): { format: FileFormat; entries: Iterable<FileEntry> } {
  if (!isObject(file)) throw unreadable(NONE_OF_THEM);
  if (typeof file.openapi === 'string') {
    if (/^3\.[01](\.|$)/.test(file.openapi)) return { format: 'openapi', entries: readOpenApi(file) };
    throw unreadable(`is OpenAPI ${file.openapi.slice(0, 20)}: this reads 3.0 and 3.1`);
  }
  if (file.swagger !== undefined) {
    throw unreadable(
      'is Swagger 2.0: convert it to OpenAPI 3 first, with editor.swagger.io or swagger2openapi',
    );
  }
  if (file.format === 'tpe-operations') {
    if (isOurFile(file)) return { format: 'operations', entries: readOurFile(file.operations) };
    throw unreadable('is an export of operations, but not of version 1 with a list "operations"');
  }
  if (Array.isArray(file.category)) return { format: 'tpedm', entries: readTpedmFile(file.category) };
  throw unreadable(NONE_OF_THEM);
}

const NONE_OF_THEM =
  'is none of these: an export of operations, the command.json of TPEDM, an OpenAPI 3 document (JSON or YAML)';

function* readOurFile(operations: readonly unknown[]): Generator<FileEntry> {
  for (const [index, given] of operations.entries()) {
    const name = isObject(given) ? given.name : '';
    yield entryOf(pointer('operations', index), name, () => readOwnOperation(given));
  }
}

function parse(text: string): unknown {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') throw unreadable('is empty');
  if (trimmed.startsWith('<'))
    throw unreadable('is HTML or XML, not JSON or YAML: was a page saved in its place?');
  return /^[{[]/.test(trimmed) ? jsonIn(trimmed) : parseYaml(trimmed);
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text, MOST_DEPTH);
  } catch (error) {
    throw unreadable(`is not JSON: ${shown(jsonFault(error))}`);
  }
}

/** Plain data only: no tags, no second document, and few aliases, since each is a copy and copies can have copies. */
function parseYaml(text: string): unknown {
  try {
    // Its own look for keys that stand twice compares each with each.
    const document = parseDocument(text, {
      uniqueKeys: false,
      resolveKnownTags: false,
      schema: 'core',
      logLevel: 'error',
    });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    visit(document, { Map: (_key, { items }) => refuseTwice(items.map(({ key }) => String(key))) });
    // A number that is none in JSON becomes null.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MOST_ALIASES })) ?? 'null');
  } catch (error) {
    throw unreadable(`is not YAML that can be read: ${shown(messageOf(error))}`);
  }
}

function refuseTwice(keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key))
      throw new Error(`the key ${JSON.stringify(key.slice(0, 100))} stands twice in one place`);
    seen.add(key);
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

import { TpeError } from '../../shared/tpe-error.js';
import { generatedId, readOwnOperation } from '../custom-operation.js';
import type { JsonSchema, Operation } from '../operation.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { entryOf, type FileEntry, pointer } from './file-entry.js';
import type { ImportNote } from './import-note.js';
import { createNotes, listed, type Notes } from './note-list.js';
import { answerOf, bodyOf } from './openapi-content.js';
import { addSecurity, noteDocument } from './openapi-document.js';
import { parametersOf } from './openapi-parameters.js';
import { createReading, noteFields, type Reading } from './openapi-reading.js';
import { type Found, NotReadable } from './openapi-refs.js';
import { noteServers, prefixOf } from './openapi-servers.js';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const OTHER_METHODS = ['head', 'options', 'trace', 'query'];
const MAX_NAME_LENGTH = 100;
const DEFAULT_CATEGORY = 'OpenAPI';

/** The content of an OpenAPI document. */
export interface OpenApiContent {
  /** The prefix of each path that has no server of its own. */
  prefix: string;
  /** The operations; each is read when the iterator reaches it. */
  entries: Iterable<FileEntry>;
  /** The notes about the document as a whole. They are complete only after all entries were read. */
  notes(): ImportNote[];
}

/**
 * Reads the operations of an OpenAPI document of version 3.0 or 3.1. An operation that cannot be read, or not be done over MQTT,
 * is refused by itself. Notes of the operations and of the document say what is not kept. `prefix` is the prefix of each path, in
 * place of that of the servers.
 */
export function readOpenApi(
  document: JsonSchema,
  version: Reading['version'],
  prefix?: string,
): OpenApiContent {
  const reading = createReading(document, version);
  const notes = createNotes();
  const servers = prefixOf(document.servers);
  if (prefix === undefined) noteServers(servers, notes);
  const base = { reading, given: prefix, prefix: prefix ?? servers.prefix };
  return {
    prefix: base.prefix,
    entries: entriesOf(base, notes),
    notes() {
      noteDocument(reading, notes);
      return notes.list();
    },
  };
}

interface Base {
  reading: Reading;
  /** The prefix that the caller gave. */
  given: string | undefined;
  prefix: string;
}

function* entriesOf(base: Base, notes: Notes): Generator<FileEntry> {
  const { words } = base.reading;
  const paths = attempt(() => pathsOf(base.reading));
  if (typeof paths === 'string') {
    yield refusedEntry({ place: '/paths', name: 'paths' }, paths);
    return;
  }
  if (Object.keys(paths.fields).length === 0) notes.add('/paths', 'no-paths');
  paths.notes(notes);
  for (const [path, { value, place }] of Object.entries(paths.fields)) {
    if (path.startsWith('x-')) words.add(path);
    else if (path.startsWith('/')) yield* pathEntries(base, path, value, place);
    else if (path !== '$ref') yield refusedEntry({ place, name: path }, 'a path begins with "/"');
  }
}

/** The paths of the document, which may be a reference although the standard does not allow that. Throws NotReadable. */
function pathsOf(reading: Reading): Merged {
  const { paths } = reading.document;
  return paths === undefined
    ? { fields: {}, notes: () => undefined }
    : mergedFields(reading, paths, '/paths');
}

function* pathEntries(base: Base, path: string, given: unknown, place: string): Generator<FileEntry> {
  const item = attempt(() => mergedFields(base.reading, given, place));
  if (typeof item === 'string') {
    yield refusedEntry({ place, name: path, path: `${base.prefix}${path}` }, item);
    return;
  }
  for (const [key, at] of Object.entries(item.fields)) {
    const method = key.toLowerCase();
    if (![...METHODS, ...OTHER_METHODS].includes(key)) {
      if (ITEM_FIELDS.has(key)) continue;
      if (ITEM_WORDS.has(key) || key.startsWith('x-')) base.reading.words.add(key);
      else {
        const isMethod = [...METHODS, ...OTHER_METHODS].includes(method);
        const reason = isMethod
          ? `"${key}" is no method: they are written in small letters`
          : `"${key.slice(0, 40)}" is no method, and nothing else that a path has`;
        yield refusedEntry({ place: at.place, name: path, path: `${base.prefix}${path}` }, reason);
      }
      continue;
    }
    yield operationEntry(base, { method, path, at, item });
  }
}

const ITEM_FIELDS = new Set(['parameters', 'servers', '$ref']);
const ITEM_WORDS = new Set(['summary', 'description']);

/** The fields of an object and of the object to which it refers, each with its place. */
interface Merged {
  fields: Record<string, Found>;
  notes(notes: Notes): void;
}

/** Merges the fields of an object with those of the object to which it refers; its own take precedence. Throws NotReadable. */
function mergedFields(reading: Reading, given: unknown, place: string): Merged {
  const own = isObject(given) ? given : null;
  const { value: meant, place: at } = reading.refs.follow(given, place);
  if (!isObject(meant)) throw new NotReadable('it is no object');
  const { $ref, ...beside } = own ?? {};
  const merged = $ref === undefined ? [] : Object.keys(beside).filter((name) => !ITEM_WORDS.has(name));
  const fieldsOf = (item: JsonSchema, where: string): [string, Found][] =>
    Object.entries(item).map(([name, value]) => [name, { value, place: `${where}${pointer(name)}` }]);
  return {
    fields: Object.fromEntries([
      ...fieldsOf(meant, at),
      ...($ref === undefined ? [] : fieldsOf(beside, place)),
    ]),
    notes: (notes) => {
      if (merged.length > 0) notes.add(place, 'ref-merged', { names: merged.join(', ') });
    },
  };
}

interface Asked {
  method: string;
  path: string;
  at: Found;
  item: Merged;
}

function operationEntry(base: Base, { method, path, at, item }: Asked): FileEntry {
  const { reading } = base;
  const found = attempt(() => operationOf(reading, at));
  const given = typeof found === 'string' ? null : found.value;
  const name = given === null ? path : nameOf(given, method, path);
  const servers = base.given === undefined ? ownServers(given?.servers ?? item.fields.servers?.value) : null;
  const called = `${servers?.prefix ?? base.prefix}${path}`;
  const verb = method.toUpperCase();
  return entryOf({ place: at.place, name, method: verb, path: called }, (notes) => {
    if (OTHER_METHODS.includes(method)) refuse(`TPE has no ${verb}`);
    if (typeof found === 'string') refuse(found);
    if (servers !== null && servers.prefix !== base.prefix)
      notes.add(at.place, 'own-server', { url: servers.url ?? '', prefix: servers.prefix });
    item.notes(notes);
    const asked = {
      given: found.value,
      merged: found.merged,
      method,
      path,
      called,
      place: found.place,
      item,
    };
    const read = attempt(() => readOperation(reading, asked, notes));
    return typeof read === 'string' ? refuse(read) : read;
  });
}

/** The prefix by the servers of an operation or its path; null where they have none. */
function ownServers(servers: unknown) {
  return Array.isArray(servers) && servers.length > 0 ? prefixOf(servers) : null;
}

interface FoundOperation {
  value: JsonSchema;
  place: string;
  /** The names of fields that were beside a reference. */
  merged: string[];
}

/**
 * Resolves a reference in place of an operation: the standard does not allow it, but many documents have it. Throws NotReadable.
 */
function operationOf({ refs }: Reading, { value: given, place }: Found): FoundOperation {
  const { value, place: at } = refs.follow(given, place);
  if (!isObject(value)) throw new NotReadable('it is no object');
  if (!isObject(given) || given.$ref === undefined) return { value, place: at, merged: [] };
  const { $ref: _ref, ...beside } = given;
  return { value: { ...value, ...beside }, place: at, merged: Object.keys(beside) };
}

interface AskedOperation {
  given: JsonSchema;
  merged: string[];
  method: string;
  path: string;
  called: string;
  place: string;
  item: Merged;
}

const OPERATION_FIELDS = {
  read: 'operationId parameters requestBody responses summary tags deprecated callbacks security servers'.split(
    ' ',
  ),
  unread: ['description', 'externalDocs'],
};

function readOperation(reading: Reading, asked: AskedOperation, notes: Notes): Operation {
  const { given, method, path, called, place, item } = asked;
  noteOperation(reading, asked, notes);
  const name = nameOf(given, method, path);
  const verb = method.toUpperCase();
  const parameters = parametersOf(
    reading,
    path,
    [
      { given: item.fields.parameters?.value, place: item.fields.parameters?.place ?? place },
      { given: given.parameters, place: `${place}/parameters` },
    ],
    notes,
  );
  const body = bodyOf(reading, given.requestBody, `${place}/requestBody`, notes);
  const answer = answerOf(reading, given.responses, `${place}/responses`, notes);
  return readOwnOperation({
    id: generatedId(typeof given.operationId === 'string' ? given.operationId : name, [verb, called]),
    category: categoryOf(given.tags),
    name,
    method: verb,
    path: called,
    parameters,
    ...(body === null || body.isRequired ? {} : { bodyRequired: false }),
    bodySchema: body?.schema ?? null,
    bodyExample: body?.example ?? null,
    answerSchema: answer?.schema ?? null,
    answerExample: answer?.example ?? null,
  });
}

function noteOperation(reading: Reading, asked: AskedOperation, notes: Notes): void {
  const { given, merged, method, place } = asked;
  noteFields(reading, given, place, notes, OPERATION_FIELDS);
  if (merged.length > 0) notes.add(place, 'ref-merged', { names: merged.join(', ') });
  if (given.deprecated === true) notes.add(place, 'deprecated');
  if ([...wholeNameOf(given, method, asked.path).trim()].length > MAX_NAME_LENGTH)
    notes.add(place, 'name-cut', { count: String(MAX_NAME_LENGTH) });
  if (isObject(given.callbacks)) {
    const names = Object.keys(given.callbacks);
    if (names.length > 0) notes.add(`${place}/callbacks`, 'callbacks', { names: listed(names) });
  }
  if (Array.isArray(given.tags) && given.tags.length > 1) reading.words.add('tags beyond the first');
  addSecurity(reading, given.security);
  if (reading.version === '3.0' && given.requestBody !== undefined && ['get', 'delete'].includes(method))
    notes.add(`${place}/requestBody`, 'body-method', { method: method.toUpperCase() });
}

function nameOf(given: JsonSchema, method: string, path: string): string {
  return cut(wholeNameOf(given, method, path));
}

function wholeNameOf({ summary, operationId }: JsonSchema, method: string, path: string): string {
  const named = [summary, operationId].find((text) => typeof text === 'string' && text.trim() !== '');
  return typeof named === 'string' ? named : `${method.toUpperCase()} ${path}`;
}

function categoryOf(tags: unknown): string {
  const [first] = Array.isArray(tags) ? tags : [];
  return cut(typeof first === 'string' && first.trim() !== '' ? first : DEFAULT_CATEGORY);
}

/** The text in one line, cut to the length of a name. */
function cut(text: string): string {
  return [...text.trim().replaceAll(/\s+/g, ' ')].slice(0, MAX_NAME_LENGTH).join('').trim();
}

function refusedEntry(at: { place: string; name: string; path?: string }, reason: string): FileEntry {
  return entryOf(at, () => refuse(reason));
}

/** Calls `read`; returns the message of a NotReadable that it throws. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotReadable) return error.message;
    throw error;
  }
}

function refuse(reason: string): never {
  throw new TpeError('INVALID_INPUT', `The operation cannot be imported: ${reason}.`);
}

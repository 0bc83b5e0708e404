import type { JsonSchema } from '../operation.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import type { Notes } from './note-list.js';
import { createRefs, type Found, type Refs } from './openapi-refs.js';
import { createSubtypes, type Subtypes } from './openapi-subtypes.js';

/** An OpenAPI document that is being read, with what concerns the document as a whole. */
export interface Reading {
  document: JsonSchema;
  version: '3.0' | '3.1';
  refs: Refs;
  subtypes: Subtypes;
  /** How many schemas were converted as subtypes. It has a bound, since a small document can combine very many. */
  converted: number;
  /** Keywords and fields that were found and do not affect checks, such as descriptions. */
  words: Set<string>;
  /** Formats that were found and that nothing checks. */
  formats: Set<string>;
  /** The names of its security schemes, which have no meaning over MQTT. */
  security: Set<string>;
}

/** Creates the state for reading a document; nothing has been read yet. */
export function createReading(document: JsonSchema, version: Reading['version']): Reading {
  const refs = createRefs(document);
  return {
    ...{ document, version, refs, subtypes: createSubtypes(document, refs), converted: 0 },
    ...{ words: new Set(), formats: new Set(), security: new Set() },
  };
}

/** Fields that OpenAPI 3.1 allows beside a reference. */
const BESIDE = new Set(['$ref', 'summary', 'description']);

/** Follows a reference to something that is no schema. Other fields beside it are ignored and noted. Throws NotReadable. */
export function follow({ refs }: Reading, value: unknown, place: string, notes: Notes): Found {
  if (isObject(value) && Object.hasOwn(value, '$ref')) {
    const names = Object.keys(value).filter((name) => !BESIDE.has(name) && !name.startsWith('x-'));
    if (names.length > 0) notes.add(place, 'ref-siblings', { names: names.join(', ') });
  }
  return refs.follow(value, place);
}

/**
 * Records the fields of an object that are not in `read`: those in `unread` and extensions in the `words` of the document, all
 * others in a note, since OpenAPI does not know them here.
 */
export function noteFields(
  { words }: Reading,
  value: JsonSchema,
  place: string,
  notes: Notes,
  { read, unread = [] }: { read: readonly string[]; unread?: readonly string[] },
): void {
  const unknown: string[] = [];
  for (const name of Object.keys(value)) {
    if (read.includes(name)) continue;
    if (unread.includes(name) || name.startsWith('x-')) words.add(name);
    else unknown.push(name);
  }
  if (unknown.length > 0) notes.add(place, 'unknown-fields', { names: unknown.slice(0, 8).join(', ') });
}

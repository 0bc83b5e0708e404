import type { JsonSchema } from '../operation.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import type { Notes } from './note-list.js';
import { createRefs, type Found, type Refs } from './openapi-refs.js';
import { createSubtypes, type Subtypes } from './openapi-subtypes.js';

/** An OpenAPI document that is being read, and what was found in it that holds for the whole of it. */
export interface Reading {
  document: JsonSchema;
  version: '3.0' | '3.1';
  refs: Refs;
  subtypes: Subtypes;
  /** How many schemas were read as subtypes, which nobody wrote where they count. */
  converted: number;
  /** Keywords and fields that are only for people or programs to read. */
  words: Set<string>;
  /** Formats that nothing checks. */
  formats: Set<string>;
  /** Names of what it says of signing in. */
  security: Set<string>;
}

/** Begins to read a document. */
export function createReading(document: JsonSchema, version: Reading['version']): Reading {
  const refs = createRefs(document);
  return {
    ...{ document, version, refs, subtypes: createSubtypes(document, refs), converted: 0 },
    ...{ words: new Set(), formats: new Set(), security: new Set() },
  };
}

/** Fields beside a reference that OpenAPI 3.1 lets stand there. */
const BESIDE = new Set(['$ref', 'summary', 'description']);

/** Follows a reference to something that is no schema; what stands beside it counts for nothing. Throws NotReadable. */
export function follow({ refs }: Reading, value: unknown, place: string, notes: Notes): Found {
  if (isObject(value) && Object.hasOwn(value, '$ref')) {
    const names = Object.keys(value).filter((name) => !BESIDE.has(name) && !name.startsWith('x-'));
    if (names.length > 0) notes.add(place, 'ref-siblings', { names: names.join(', ') });
  }
  return refs.follow(value, place);
}

/** Notes fields that are only words, extensions, and those that OpenAPI does not know here. */
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

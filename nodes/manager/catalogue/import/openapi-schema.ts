import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { SCHEMA_BOUNDS, whyNotKept } from '../validation/user-schema.js';
import { type Notes, valueText } from './note-list.js';
import { combinedRules, MAX_OF_SUBTYPES } from './openapi-combined.js';
import { type At, type Conversion, delayed, noteClosed } from './openapi-conversion.js';
import { hiddenNames, type Purpose } from './openapi-hidden.js';
import { noteForeign, rulesOf, titleOf, typesOf } from './openapi-keywords.js';
import { listRules } from './openapi-lists.js';
import { objectRules } from './openapi-objects.js';
import type { Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';
import { both, orNull } from './openapi-together.js';
import { withoutUnevaluated } from './openapi-unevaluated.js';

/** Within one schema, with everything that its references lead to. */
const MAX_SCHEMAS = 2000;

interface Converted {
  schema: JsonSchema;
  /** Whether it includes schemas that only build upon those that it names. */
  hasSubtypes: boolean;
}

/**
 * Converts a schema of OpenAPI 3.0 or 3.1 to JSON Schema draft-07, with all references written out; a reference that leads back to
 * itself accepts anything. `notes` hears of everything that is changed or dropped. `purpose`: a request leaves out what may only
 * be read, and an answer need not have what may only be written. Throws NotReadable for a reference to nothing, or a schema that
 * is too large.
 */
export function toJsonSchema(
  reading: Reading,
  given: unknown,
  place: string,
  { notes, purpose }: { notes: Notes; purpose: Purpose },
): JsonSchema {
  const held = delayed(notes);
  const read = convertSchema(reading, given, place, { notes: held, purpose, withSubtypes: true });
  // The subtypes may make it too large: then it is converted without them.
  if (read.hasSubtypes && whyNotKept(read.schema) !== null)
    return convertSchema(reading, given, place, { notes, purpose, withSubtypes: false }).schema;
  held.tell();
  return read.schema;
}

function convertSchema(
  reading: Reading,
  given: unknown,
  place: string,
  options: { notes: Notes; purpose: Purpose; withSubtypes: boolean },
): Converted {
  const conversion: Conversion = {
    ...{ reading, ...options },
    schemasLeft: MAX_SCHEMAS,
    charactersLeft: MAX_OF_SUBTYPES.characters,
    nesting: 0,
    hasSubtypes: false,
    convert: (schema, at) => convert(conversion, schema, at),
  };
  const at = { place, within: [], depth: 0, hidden: new Set<string>(), isPart: false, bases: [] };
  return { schema: conversion.convert(given, at), hasSubtypes: conversion.hasSubtypes };
}

function convert(conversion: Conversion, schema: unknown, at: At): JsonSchema {
  const { notes } = conversion;
  conversion.schemasLeft -= 1;
  if (conversion.schemasLeft < 0) throw new NotReadable(`it has more than ${MAX_SCHEMAS} schemas within`);
  if (schema === true) return {};
  if (schema === false) return { not: {} };
  if (!isSchema(schema)) {
    notes.add(at.place, 'no-schema', { value: valueText(schema) });
    return {};
  }
  // A later check bounds the depth of the whole schema, and no form shows more levels.
  if (at.depth * 2 > SCHEMA_BOUNDS.depth - 4) {
    notes.add(at.place, 'too-deep');
    return {};
  }
  const hidden = new Set([...at.hidden, ...hiddenNames(conversion.reading, schema, conversion.purpose)]);
  const here = { ...at, hidden };
  for (const keyword of ['$ref', '$dynamicRef']) {
    const ref = schema[keyword];
    if (ref === undefined) continue;
    if (typeof ref !== 'string') throw new NotReadable(`one of its references (${keyword}) is no text`);
    if (keyword !== '$ref') notes.add(at.place, 'dynamic-ref', { ref });
    return convertReference(conversion, schema, keyword, ref, here);
  }
  // A keyword of a draft before those of OpenAPI; it refers to the enclosing schema.
  if (schema.$recursiveRef !== undefined) notes.add(at.place, 'circular', { ref: '$recursiveRef' });
  return convertKeywords(conversion, schema, here);
}

function convertReference(
  conversion: Conversion,
  schema: JsonSchema,
  keyword: string,
  ref: string,
  at: At,
): JsonSchema {
  const { [keyword]: _ref, ...siblings } = schema;
  if (conversion.reading.version === '3.0') {
    noteIgnored(conversion, siblings, at.place);
    return convertTarget(conversion, ref, at);
  }
  return both(convertTarget(conversion, ref, at), convertKeywords(conversion, siblings, at));
}

function convertTarget(conversion: Conversion, ref: string, at: At): JsonSchema {
  const { place, value } = conversion.reading.refs.lookUp(ref);
  if (place === '') throw new NotReadable(`"${ref}" is the whole document, and no schema`);
  if (at.bases.includes(place)) return {};
  if (at.within.includes(place)) {
    conversion.notes.add(at.place, 'circular', { ref });
    return {};
  }
  return conversion.convert(value, { ...at, place, within: [...at.within, place] });
}

function noteIgnored({ notes }: Conversion, siblings: JsonSchema, place: string): void {
  const names = Object.keys(siblings).filter((name) => !isDescriptive(name));
  if (names.length > 0) notes.add(place, 'ref-siblings', { names: names.join(', ') });
}

function isDescriptive(name: string): boolean {
  return ['description', 'summary', 'title', 'example', 'examples'].includes(name) || name.startsWith('x-');
}

function convertKeywords(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const { reading, notes } = conversion;
  noteForeign(reading, schema, at.place, notes);
  const rules: JsonSchema = {
    ...titleOf(schema),
    ...typesOf(schema, at.place, notes),
    ...rulesOf(reading, schema, at.place, notes),
    ...objectRules(conversion, schema, at),
    ...listRules(conversion, schema, at),
    ...combinedRules(conversion, schema, at),
  };
  noteClosed(conversion, rules, at.place);
  return orNull(schema, withoutUnevaluated(conversion, schema, rules, at));
}

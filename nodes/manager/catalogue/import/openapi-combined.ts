import type { JsonSchema } from '../operation.js';
import {
  type At,
  beside,
  type Conversion,
  delayed,
  isRestricting,
  noteClosed,
  noteValue,
} from './openapi-conversion.js';
import { type Tags, tagged, tagsOf } from './openapi-discriminator.js';
import { NotReadable } from './openapi-refs.js';

/** Bounds for schemas that only build upon the named ones; nested ones take a smaller share. */
export const MAX_OF_SUBTYPES = { schemas: 500, characters: 32 * 1024 };
const SHARE = 4;
/** Schemas of subtypes that are converted for one document. */
const MAX_CONVERTED = 100_000;

/** The keywords that combine a schema with others for the same value: `allOf`, `anyOf`, `oneOf`, `not`, `if`. */
export function combinedRules(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const { convert, reading, notes } = conversion;
  const tags = tagsOf(reading, schema, {
    ...{ place: at.place, notes, isPart: at.isPart },
    hasSubtypes: conversion.withSubtypes && reading.converted < MAX_CONVERTED,
  });
  const rules: JsonSchema = {};
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const branches = branchesAt(conversion, schema, keyword, at, tags);
    if (branches !== null) rules[keyword] = branches;
  }
  if (tags !== null && tags.base !== null)
    Object.assign(rules, subtypes(conversion, tags, schema, tags.base, at));
  if (isRestricting(schema.not)) rules.not = convert(schema.not, beside(at, 'not'));
  if (isRestricting(schema.if)) {
    for (const keyword of ['if', 'then', 'else'])
      if (schema[keyword] !== undefined) rules[keyword] = convert(schema[keyword], beside(at, keyword));
  }
  return rules;
}

function branchesAt(
  conversion: Conversion,
  schema: JsonSchema,
  keyword: string,
  at: At,
  tags: Tags | null,
): JsonSchema[] | null {
  const branches = schema[keyword];
  if (branches === undefined) return null;
  if (!Array.isArray(branches) || branches.length === 0) {
    noteValue(conversion, keyword, branches, at.place);
    return null;
  }
  const isOfAll = keyword === 'allOf';
  const isPart = isOfAll && !isWrapper(schema, at.place);
  return branches.map((branch, index) => {
    const converted = conversion.convert(branch, { ...beside(at, keyword, index), isPart });
    return isOfAll || tags === null ? converted : tagged(tags, branch, converted);
  });
}

/** One of the schemas that build upon this one applies as well. Where they are too many or unreadable, a note says so. */
function subtypes(conversion: Conversion, tags: Tags, schema: JsonSchema, base: string, at: At): JsonSchema {
  const { notes, schemasLeft } = conversion;
  const held = delayed(notes);
  conversion.notes = held;
  conversion.schemasLeft = Math.min(schemasLeft, MAX_OF_SUBTYPES.schemas);
  const from = conversion.schemasLeft;
  conversion.nesting += 1;
  const rules = attempt(() => branchesOf(conversion, tags, schema, base, at));
  conversion.nesting -= 1;
  const used = from - conversion.schemasLeft;
  conversion.reading.converted += used;
  conversion.notes = notes;
  const length = rules === null ? 0 : JSON.stringify(rules).length;
  if (rules === null || length > conversion.charactersLeft / SHARE ** conversion.nesting) {
    conversion.schemasLeft = schemasLeft;
    notes.add(base, 'discriminator-alone', { name: tags.property });
    return {};
  }
  conversion.schemasLeft = schemasLeft - used;
  if (conversion.nesting === 0) conversion.charactersLeft -= length;
  conversion.hasSubtypes = true;
  held.tell();
  return rules;
}

function branchesOf(
  conversion: Conversion,
  tags: Tags,
  schema: JsonSchema,
  base: string,
  at: At,
): JsonSchema {
  const within = { ...beside(at, 'discriminator'), isPart: true, bases: [...at.bases, base] };
  const plain = tags.branches.map((branch) => conversion.convert(branch, within));
  const branches = plain.map((one, index) => tagged(tags, tags.branches[index], one));
  if (schema.additionalProperties === false) noteClosed(conversion, { allOf: [schema, ...plain] }, base);
  const areTagged = branches.every((branch, index) => branch !== plain[index]);
  return { [areTagged ? 'oneOf' : 'anyOf']: branches };
}

/** Null where a schema cannot be read. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

/**
 * An `allOf` of one reference, used to say something beside it: schemas that build upon the reference are meant, too. A schema
 * with a name builds upon it itself.
 */
function isWrapper({ allOf, properties, required }: JsonSchema, place: string): boolean {
  const isNamed = /^\/components\/schemas\/[^/]+$/.test(place);
  return (
    !isNamed &&
    Array.isArray(allOf) &&
    allOf.length === 1 &&
    properties === undefined &&
    required === undefined
  );
}

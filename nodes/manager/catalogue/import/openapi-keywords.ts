import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { whyNotUsable } from '../validation/text-pattern.js';
import { WHOLE_FORMATS } from '../validation/whole-formats.js';
import { isAsWritten } from './long-numbers.js';
import { type Notes, valueText } from './note-list.js';
import type { Reading } from './openapi-reading.js';

const MAX_TITLE_LENGTH = 100;
const FORMATS = new Set([
  ...'date date-time time duration email hostname ipv4 ipv6 uri uri-reference uuid password float double byte binary'.split(
    ' ',
  ),
  ...WHOLE_FORMATS,
]);
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/** Keywords whose value is no schema, each with the test for a valid value. */
const PLAIN: Record<string, (value: unknown) => boolean> = {
  enum: (value) => Array.isArray(value) && value.length > 0,
  const: () => true,
  default: () => true,
  minimum: isNumber,
  maximum: isNumber,
  multipleOf: (value) => isNumber(value) && Number(value) > 0,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  minProperties: isCount,
  maxProperties: isCount,
  uniqueItems: isSwitch,
  nullable: isSwitch,
  readOnly: isSwitch,
  writeOnly: isSwitch,
};

const NUMBERS = new Set(
  'minimum maximum multipleOf minLength maxLength minItems maxItems minProperties maxProperties'.split(' '),
);
/** Keywords whose values can be of any type. */
const CHOICES = new Set(['enum', 'const', 'default']);

/** Keywords that are handled elsewhere, or that only serve as targets of references. */
const READ = new Set(
  'title type nullable pattern format exclusiveMinimum exclusiveMaximum properties required additionalProperties patternProperties propertyNames dependentRequired dependentSchemas dependencies items prefixItems additionalItems contains minContains maxContains allOf anyOf oneOf not if then else unevaluatedProperties unevaluatedItems discriminator $ref $dynamicRef $recursiveRef $id $anchor $dynamicAnchor $recursiveAnchor $defs definitions $schema $vocabulary'.split(
    ' ',
  ),
);
/** Keywords that do not affect checks. */
const WORDS = new Set(
  'description summary externalDocs xml example examples deprecated $comment contentEncoding contentMediaType contentSchema'.split(
    ' ',
  ),
);

/** Records keywords that are not used: descriptive ones for the document, all others in a note. */
export function noteForeign({ words }: Reading, schema: JsonSchema, place: string, notes: Notes): void {
  for (const keyword of Object.keys(schema)) {
    if (READ.has(keyword) || Object.hasOwn(PLAIN, keyword)) continue;
    if (WORDS.has(keyword) || keyword.startsWith('x-')) words.add(keyword);
    else notes.add(place, 'keyword', { name: keyword });
  }
}

/** The title of a schema as a keyword of a new one, cut to a length for forms; an empty object where it has none. */
export function titleOf({ title }: JsonSchema): JsonSchema {
  return typeof title === 'string' && title !== ''
    ? { title: title.slice(0, MAX_TITLE_LENGTH).toWellFormed() }
    : {};
}

/** The type of a schema as a keyword of draft-07. `nullable` of OpenAPI 3.0 becomes the type `null`. Unknown types are noted. */
export function typesOf(
  { type, nullable, properties, items }: JsonSchema,
  place: string,
  notes: Notes,
): JsonSchema {
  const implied = isSchema(properties) ? ['object'] : isSchema(items) ? ['array'] : [];
  const given = [type ?? implied].flat();
  const unknown = given.filter((one) => !TYPES.has(String(one)));
  if (unknown.length > 0) notes.add(place, 'keyword-value', { name: 'type', value: valueText(unknown) });
  const named = given.filter((one): one is string => TYPES.has(String(one)));
  const types = [...new Set(nullable === true && named.length > 0 ? [...named, 'null'] : named)];
  // With an unknown type, the known ones alone would refuse values that the document allows.
  if (types.length === 0 || unknown.length > 0) return {};
  return { type: types.length === 1 ? types[0] : types };
}

/** The keywords of a schema that contain no other schema, as draft-07. What cannot be kept is noted. */
export function rulesOf(reading: Reading, schema: JsonSchema, place: string, notes: Notes): JsonSchema {
  const rules: JsonSchema = {};
  for (const [keyword, fits] of Object.entries(PLAIN)) {
    if (!Object.hasOwn(schema, keyword)) continue;
    const value = NUMBERS.has(keyword) ? asNumber(keyword, schema[keyword], place, notes) : schema[keyword];
    if (!fits(value)) notes.add(place, 'keyword-value', { name: keyword, value: valueText(value) });
    else if (
      ['nullable', 'readOnly', 'writeOnly'].includes(keyword) ||
      (value === false && keyword === 'uniqueItems')
    )
      continue;
    else if (CHOICES.has(keyword) && inexact(value) !== null)
      notes.add(place, 'number', { name: keyword, value: String(inexact(value)) });
    else rules[keyword] = value;
  }
  if (Array.isArray(rules.enum))
    rules.enum = [...new Set(schema.nullable === true ? [...rules.enum, null] : rules.enum)];
  // Call it before `rules` is copied, since it removes `minimum` or `maximum` where an exclusive bound replaces it.
  const bounds = exclusive(schema, rules, place, notes);
  return { ...rules, ...textRules(reading, schema, place, notes), ...bounds };
}

function textRules(
  { formats }: Reading,
  { pattern, format }: JsonSchema,
  place: string,
  notes: Notes,
): JsonSchema {
  const rules: JsonSchema = {};
  if (typeof pattern === 'string') {
    const reason = whyNotUsable(pattern);
    if (reason === null) rules.pattern = pattern;
    else notes.add(place, 'pattern', { pattern: pattern.slice(0, 80), reason: shortly(reason) });
  } else if (pattern !== undefined)
    notes.add(place, 'keyword-value', { name: 'pattern', value: valueText(pattern) });
  if (typeof format === 'string' && FORMATS.has(format)) rules.format = format;
  else if (typeof format === 'string') formats.add(format);
  else if (format !== undefined)
    notes.add(place, 'keyword-value', { name: 'format', value: valueText(format) });
  return rules;
}

/** The reason without the pattern, which the note already has as a parameter. */
function shortly(reason: string): string {
  return reason.replace(/: ".*"(?=\.|$)/, '').replace(/: ".*" is/, ' is');
}

/**
 * The exclusive bounds. In OpenAPI 3.0 such a keyword is a boolean beside `minimum` or `maximum`; in 3.1 it is the bound itself.
 */
function exclusive(schema: JsonSchema, rules: JsonSchema, place: string, notes: Notes): JsonSchema {
  const found: JsonSchema = {};
  for (const [keyword, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = asNumber(keyword, schema[keyword], place, notes);
    if (value === undefined || value === false) continue;
    if (isNumber(value)) found[keyword] = value;
    else if (value === true && isNumber(rules[bound])) {
      found[keyword] = rules[bound];
      delete rules[bound];
    } else notes.add(place, 'keyword-value', { name: keyword, value: valueText(value) });
  }
  return found;
}

/** Replaces a bound beyond 2^53 by the nearest JavaScript number; a note says so where that is a different number. */
function asNumber(name: string, value: unknown, place: string, notes: Notes): unknown {
  if (typeof value !== 'bigint') return value;
  const near = Number(value);
  if (!Number.isFinite(near)) return value;
  if (!isAsWritten(value))
    notes.add(place, 'number-near', { name, value: String(value), near: String(BigInt(near)) });
  return near;
}

const MAX_LOOKED_AT = 10_000;

/** A whole number in the value that no JavaScript number is sure to hold exactly; null where there is none. */
export function inexact(value: unknown): number | bigint | null {
  const waiting = [value];
  for (let count = 0; waiting.length > 0 && count < MAX_LOOKED_AT; count += 1) {
    const one = waiting.pop();
    if (typeof one === 'bigint') return one;
    if (typeof one === 'number' && Number.isInteger(one) && !Number.isSafeInteger(one)) return one;
    if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) waiting.push(inner);
  }
  return null;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function isSwitch(value: unknown): boolean {
  return typeof value === 'boolean';
}

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

/** Keywords whose value is no schema, and what it must be. */
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
/** Keywords that have values of any kind. */
const CHOICES = new Set(['enum', 'const', 'default']);

/** Read elsewhere, or what others refer to. */
const READ = new Set(
  'title type nullable pattern format exclusiveMinimum exclusiveMaximum properties required additionalProperties patternProperties propertyNames dependentRequired dependentSchemas dependencies items prefixItems additionalItems contains minContains maxContains allOf anyOf oneOf not if then else unevaluatedProperties unevaluatedItems discriminator $ref $dynamicRef $recursiveRef $id $anchor $dynamicAnchor $recursiveAnchor $defs definitions $schema $vocabulary'.split(
    ' ',
  ),
);
/** Only for people or programs to read. */
const WORDS = new Set(
  'description summary externalDocs xml example examples deprecated $comment contentEncoding contentMediaType contentSchema'.split(
    ' ',
  ),
);

/** Notes keywords that nothing is made of. */
export function noteForeign({ words }: Reading, schema: JsonSchema, place: string, notes: Notes): void {
  for (const keyword of Object.keys(schema)) {
    if (READ.has(keyword) || Object.hasOwn(PLAIN, keyword)) continue;
    if (WORDS.has(keyword) || keyword.startsWith('x-')) words.add(keyword);
    else notes.add(place, 'keyword', { name: keyword });
  }
}

export function titleOf({ title }: JsonSchema): JsonSchema {
  return typeof title === 'string' && title !== ''
    ? { title: title.slice(0, MAX_TITLE_LENGTH).toWellFormed() }
    : {};
}

/** OpenAPI 3.0 says `nullable` where later ones have the type `null`. */
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
  // A type beside one that is not known would refuse what that one means.
  if (types.length === 0 || unknown.length > 0) return {};
  return { type: types.length === 1 ? types[0] : types };
}

/** The keywords that need no other schema. */
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
  // Takes the bound away where it becomes the other one.
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

/** Without the pattern itself, which is told already. */
function shortly(reason: string): string {
  return reason.replace(/: ".*"(?=\.|$)/, '').replace(/: ".*" is/, ' is');
}

/** A boolean beside the bound in OpenAPI 3.0, the bound itself in 3.1. */
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

/** A bound beyond 2^53 is the nearest number that there is, which is told where it is another one. */
function asNumber(name: string, value: unknown, place: string, notes: Notes): unknown {
  if (typeof value !== 'bigint') return value;
  const near = Number(value);
  if (!Number.isFinite(near)) return value;
  if (!isAsWritten(value))
    notes.add(place, 'number-near', { name, value: String(value), near: String(BigInt(near)) });
  return near;
}

const MAX_LOOKED_AT = 10_000;

/** A whole number within that no double holds for certain; null where there is none. */
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

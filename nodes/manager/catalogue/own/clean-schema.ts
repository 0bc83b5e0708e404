import { TpeError } from '../../tpe-error.js';
import type { JsonSchema } from '../catalogue.js';

/** Keywords whose value is copied as it is, and what it must be. */
const PLAIN: Record<string, (value: unknown) => boolean> = {
  title: isText,
  unit: isText,
  patternTitle: isText,
  const: () => true,
  default: () => true,
  enum: (value) => Array.isArray(value) && value.length > 0 && value.length <= 1000,
  enumTitles: (value) => Array.isArray(value) && value.every(isText),
  minimum: Number.isFinite,
  maximum: Number.isFinite,
  exclusiveMinimum: Number.isFinite,
  exclusiveMaximum: Number.isFinite,
  multipleOf: (value) => Number.isFinite(value) && Number(value) > 0,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  minProperties: isCount,
  maxProperties: isCount,
  uniqueItems: (value) => typeof value === 'boolean',
  required: (value) => Array.isArray(value) && value.every(isText) && new Set(value).size === value.length,
};
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const FORMATS = new Set('ipv4 ipv6 hostname email uri date date-time time uuid password'.split(' '));
const MOST_DEPTH = 12;
const MOST_PROPERTIES = 500;
const LONGEST_PATTERN = 300;
/** A repetition within a repeated group, or many optional ones in a row: what makes a pattern take for ever. */
const SLOW = /\([^()]*[+*}][^()]*\)[+*{]|(\.[*+].*){3}/;

/** Finds what a `$ref` points to; undefined where there is nothing. */
export type ResolveRef = (ref: string) => unknown;

/**
 * A copy of a schema of somebody else's with nothing in it but what we understand: no names that could collide, no
 * references, no texts but titles, bounded in depth and breadth. What is deeper, or a circle, may be anything. `allOf` of
 * objects becomes one object, so that a form can be made of it. Throws INVALID_INPUT for a pattern that could take for ever.
 */
export function cleanSchema(
  given: unknown,
  resolve: ResolveRef = () => undefined,
  seen: readonly string[] = [],
): JsonSchema {
  if (!isObject(given) || seen.length > MOST_DEPTH) return {};
  if (typeof given.$ref === 'string') {
    const { $ref } = given;
    return seen.includes($ref) ? {} : cleanSchema(resolve($ref), resolve, [...seen, $ref]);
  }
  const below = [...seen, ''];
  const clean: JsonSchema = {};
  for (const [keyword, isRight] of Object.entries(PLAIN)) {
    const value = Object.hasOwn(given, keyword) ? given[keyword] : undefined;
    if (value !== undefined && isRight(value)) clean[keyword] = structuredClone(value);
  }
  Object.assign(clean, typeOf(given), formatOf(given), patternOf(given));
  if (isObject(given.properties)) clean.properties = propertiesOf(given.properties, resolve, below);
  if (isObject(given.items)) clean.items = cleanSchema(given.items, resolve, below);
  if (given.additionalProperties === false) clean.additionalProperties = false;
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = given[keyword];
    if (Array.isArray(branches) && branches.length > 0) {
      clean[keyword] = branches.slice(0, 20).map((branch) => cleanSchema(branch, resolve, below));
    }
  }
  if (!Array.isArray(given.allOf)) return clean;
  return given.allOf
    .slice(0, 20)
    .reduce<JsonSchema>((all, part) => joined(all, cleanSchema(part, resolve, below)), clean);
}

function typeOf({ type, nullable }: JsonSchema): JsonSchema {
  const types = [type].flat().filter((one): one is string => typeof one === 'string' && TYPES.has(one));
  if (types.length === 0) return {};
  // As OpenAPI 3.0 has it.
  if (nullable === true && !types.includes('null')) types.push('null');
  return { type: types.length === 1 ? types[0] : [...new Set(types)] };
}

function formatOf({ format }: JsonSchema): JsonSchema {
  return typeof format === 'string' && FORMATS.has(format) ? { format } : {};
}

function patternOf({ pattern }: JsonSchema): JsonSchema {
  if (typeof pattern !== 'string') return {};
  const isFit = pattern.length <= LONGEST_PATTERN && !SLOW.test(pattern) && isPattern(pattern);
  if (isFit) return { pattern };
  throw new TpeError(
    'INVALID_INPUT',
    `The pattern ${JSON.stringify(pattern.slice(0, 80))} cannot be used: it is wrong, longer than ${LONGEST_PATTERN} characters, or could take for ever (a repetition within a repetition).`,
  );
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/** What a gateway only tells is no part of a request. */
function propertiesOf(
  given: Record<string, unknown>,
  resolve: ResolveRef,
  seen: readonly string[],
): Record<string, JsonSchema> {
  const entries = Object.entries(given)
    .slice(0, MOST_PROPERTIES)
    .filter(([name, schema]) => isText(name) && !(isObject(schema) && schema.readOnly === true))
    .map(([name, schema]) => [name, cleanSchema(schema, resolve, seen)] as const);
  return Object.fromEntries(entries);
}

function joined(one: JsonSchema, other: JsonSchema): JsonSchema {
  const properties = { ...(one.properties as object), ...(other.properties as object) };
  const required = [...new Set([one.required ?? [], other.required ?? []].flat())];
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 200 && value !== '__proto__';
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

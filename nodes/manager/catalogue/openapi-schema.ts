import type { JsonSchema } from './catalogue.js';
import { lookUp, NotReadable } from './openapi-refs.js';
import { isSchema } from './subschemas.js';
import { whyNotUsable } from './validation/text-pattern.js';
import { SCHEMA_BOUNDS } from './validation/user-schema.js';

const LONGEST_TITLE = 100;
const MOST_UNIQUE = 1000;
/** Within one schema, with all that its references mean. */
const MOST_SCHEMAS = 2000;
const FORMATS = new Set(
  'date date-time time duration email hostname ipv4 ipv6 uri uri-reference uuid password int32 int64 float double byte binary'.split(
    ' ',
  ),
);
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
  pattern: (value) => typeof value === 'string' && whyNotUsable(value) === null,
  format: (value) => typeof value === 'string' && FORMATS.has(value),
};

/**
 * Makes JSON Schema draft-07 of a schema of OpenAPI 3.0 or 3.1, with all references written out: one that leads back to
 * where it is found stands for anything. Descriptions and the like are dropped, and what could not be checked in time.
 * `isBody`: what may only be read is left out. Throws NotReadable for what is no schema or too large.
 */
export function toJsonSchema(document: object, given: unknown, { isBody = false } = {}): JsonSchema {
  let left = MOST_SCHEMAS;

  function convert(schema: unknown, refs: readonly string[], depth: number): JsonSchema {
    left -= 1;
    if (left < 0) throw new NotReadable(`it has more than ${MOST_SCHEMAS} schemas within`);
    if (schema === true) return {};
    if (schema === false) return { not: {} };
    if (!isSchema(schema)) throw new NotReadable('one of its schemas is none');
    // Checked by all at once later, and deeper is nobody's form.
    if (depth * 2 > SCHEMA_BOUNDS.depth - 4) return {};
    if (typeof schema.$ref === 'string') return ofReference(schema, schema.$ref, refs, depth);
    return ofSchema(schema, (inner) => convert(inner, refs, depth + 1));
  }

  function ofReference(schema: JsonSchema, ref: string, refs: readonly string[], depth: number): JsonSchema {
    if (refs.includes(ref)) return {};
    const { $ref: _ref, ...beside } = schema;
    const meant = convert(lookUp(document, ref), [...refs, ref], depth);
    return { ...meant, ...ofSchema(beside, (inner) => convert(inner, refs, depth + 1)) };
  }

  function ofSchema(schema: JsonSchema, inner: (schema: unknown) => JsonSchema): JsonSchema {
    return {
      ...titleOf(schema),
      ...typeOf(schema),
      ...rulesOf(schema),
      ...objectRules(schema, inner, isBody),
      ...arrayRules(schema, inner),
      ...choices(schema, inner),
    };
  }

  return convert(given, [], 0);
}

function titleOf({ title }: JsonSchema): JsonSchema {
  return typeof title === 'string' && title !== ''
    ? { title: title.slice(0, LONGEST_TITLE).toWellFormed() }
    : {};
}

/** OpenAPI 3.0 says `nullable` where later ones have the type `null`. */
function typeOf({ type, nullable, properties, items }: JsonSchema): JsonSchema {
  const implied = isSchema(properties) ? ['object'] : isSchema(items) ? ['array'] : [];
  const named = [type ?? implied].flat().filter((one): one is string => TYPES.has(String(one)));
  const types = [...new Set(nullable === true && named.length > 0 ? [...named, 'null'] : named)];
  if (types.length === 0) return {};
  return { type: types.length === 1 ? types[0] : types };
}

function rulesOf(schema: JsonSchema): JsonSchema {
  const rules: JsonSchema = {};
  for (const [keyword, fits] of Object.entries(PLAIN)) {
    if (Object.hasOwn(schema, keyword) && fits(schema[keyword])) rules[keyword] = schema[keyword];
  }
  if (Array.isArray(rules.enum)) {
    rules.enum = [...new Set(schema.nullable === true ? [...rules.enum, null] : rules.enum)];
  }
  // A boolean beside the bound in OpenAPI 3.0, the bound itself in 3.1.
  for (const [exclusive, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (isNumber(schema[exclusive])) rules[exclusive] = schema[exclusive];
    else if (schema[exclusive] === true && isNumber(rules[bound])) {
      rules[exclusive] = rules[bound];
      delete rules[bound];
    }
  }
  return rules;
}

function objectRules(
  { properties, required, additionalProperties }: JsonSchema,
  inner: (schema: unknown) => JsonSchema,
  isBody: boolean,
): JsonSchema {
  const rules: JsonSchema = {};
  const all = isSchema(properties) ? Object.entries(properties) : [];
  const isReadOnly = (one: unknown) => isBody && isSchema(one) && one.readOnly === true;
  const fields = all.filter(([, one]) => !isReadOnly(one));
  if (fields.length > 0) {
    rules.properties = Object.fromEntries(fields.map(([name, one]) => [name, inner(one)]));
  }
  const readOnly = all.filter(([, one]) => isReadOnly(one)).map(([name]) => name);
  if (Array.isArray(required)) {
    const names = required.filter((name) => typeof name === 'string' && !readOnly.includes(name));
    if (names.length > 0) rules.required = [...new Set(names)];
  }
  if (additionalProperties === false) rules.additionalProperties = false;
  else if (isSchema(additionalProperties)) rules.additionalProperties = inner(additionalProperties);
  return rules;
}

function arrayRules(
  { items, uniqueItems, maxItems, prefixItems }: JsonSchema,
  inner: (schema: unknown) => JsonSchema,
): JsonSchema {
  return {
    ...(isSchema(items) && prefixItems === undefined ? { items: inner(items) } : {}),
    // Comparing each with each takes long.
    ...(uniqueItems === true && isCount(maxItems) && Number(maxItems) <= MOST_UNIQUE ? { uniqueItems } : {}),
  };
}

function choices(schema: JsonSchema, inner: (schema: unknown) => JsonSchema): JsonSchema {
  const rules: JsonSchema = {};
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const branches = schema[keyword];
    if (Array.isArray(branches) && branches.length > 0) rules[keyword] = branches.map(inner);
  }
  if (isSchema(schema.not)) rules.not = inner(schema.not);
  return rules;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

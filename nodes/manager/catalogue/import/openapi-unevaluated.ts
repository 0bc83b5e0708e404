import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { type At, below, type Conversion, fromNames, isRestricting } from './openapi-conversion.js';
import { fieldsOfParts } from './openapi-together.js';

/**
 * Draft-07 has no `unevaluatedProperties` and `unevaluatedItems`: they become `additional…` where one schema names all that is
 * evaluated. Elsewhere they are not checked, and a note says so.
 */
export function withoutUnevaluated(
  conversion: Conversion,
  schema: JsonSchema,
  rules: JsonSchema,
  at: At,
): JsonSchema {
  const isAlone = ['anyOf', 'oneOf', 'if', 'dependencies', 'not'].every(
    (keyword) => rules[keyword] === undefined,
  );
  return {
    ...rules,
    ...unevaluatedProperties(conversion, schema, rules, isAlone, at),
    ...unevaluatedItems(conversion, schema, rules, isAlone, at),
  };
}

function unevaluatedProperties(
  { notes, convert }: Conversion,
  { unevaluatedProperties: rest, additionalProperties }: JsonSchema,
  rules: JsonSchema,
  isAlone: boolean,
  at: At,
): JsonSchema {
  if (!isRestricting(rest) || additionalProperties !== undefined) return {};
  const named = isAlone ? fieldsOfParts(rules) : null;
  if (named === null) {
    notes.add(at.place, 'keyword', { name: 'unevaluatedProperties' });
    return {};
  }
  const others = rest === false ? false : convert(rest, below(at, 'unevaluatedProperties'));
  if (named.length === 0) return { additionalProperties: others };
  const own = isSchema(rules.properties) ? rules.properties : {};
  const added = named.filter((name) => !Object.hasOwn(own, name)).map((name) => [name, {}] as const);
  return { properties: { ...own, ...fromNames(added) }, additionalProperties: others };
}

function unevaluatedItems(
  { notes }: Conversion,
  { unevaluatedItems: rest, items }: JsonSchema,
  rules: JsonSchema,
  isAlone: boolean,
  at: At,
): JsonSchema {
  if (!isRestricting(rest) || items !== undefined) return {};
  if (isAlone && rules.allOf === undefined && Array.isArray(rules.items) && rest === false)
    return { additionalItems: false };
  notes.add(at.place, 'keyword', { name: 'unevaluatedItems' });
  return {};
}

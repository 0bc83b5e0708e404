import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';

// Combines schemas that apply to the same value.

const WORDS = new Set(['title', 'default']);

/** A schema for values that fit both. It merges them into one where that means the same, since that gives a better form. */
export function both(one: JsonSchema, other: JsonSchema): JsonSchema {
  const together = [one, other].map((schema) => Object.keys(schema).filter((keyword) => !WORDS.has(keyword)));
  const [first = [], second = []] = together;
  if (second.length === 0 || first.length === 0) return { ...one, ...other };
  const bound = (keyword: string) =>
    /^(additional|unevaluated|properties|patternP|items|if|then|else)/.test(keyword);
  const isApart =
    !second.some((keyword) => first.includes(keyword)) && !(first.some(bound) && second.some(bound));
  return isApart ? { ...one, ...other } : { allOf: [one, other] };
}

/**
 * Allows null where a schema of OpenAPI 3.0 has `nullable` beside alternatives, so that no type says it. `rules` is the result so
 * far.
 */
export function orNull({ nullable, type }: JsonSchema, rules: JsonSchema): JsonSchema {
  if (nullable !== true || type !== undefined || rules.type !== undefined) return rules;
  for (const keyword of ['oneOf', 'anyOf']) {
    if (Array.isArray(rules[keyword])) return { ...rules, [keyword]: [...rules[keyword], { type: 'null' }] };
  }
  return Array.isArray(rules.allOf) ? { anyOf: [rules, { type: 'null' }] } : rules;
}

/** The names of the fields in all parts of an `allOf`; null where a part has keywords that could allow other fields. */
export function fieldsOfParts({ allOf }: JsonSchema): string[] | null {
  if (allOf === undefined) return [];
  const names: string[] = [];
  for (const part of Array.isArray(allOf) ? allOf : []) {
    if (!isSchema(part)) return null;
    const more = ['anyOf', 'oneOf', 'if', 'dependencies', 'not', 'patternProperties', 'additionalProperties'];
    if (more.some((keyword) => part[keyword] !== undefined)) return null;
    const inner = fieldsOfParts(part);
    if (inner === null) return null;
    names.push(...Object.keys(isSchema(part.properties) ? part.properties : {}), ...inner);
  }
  return names;
}

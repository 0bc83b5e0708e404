import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';

// What schemas mean that hold of one value together.

const WORDS = new Set(['title', 'default']);

/** Both hold. In one schema where that says the same, since a form is made of it. */
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

/** OpenAPI 3.0 lets `nullable` stand beside alternatives, where no type says it. */
export function orNull({ nullable, type }: JsonSchema, rules: JsonSchema): JsonSchema {
  if (nullable !== true || type !== undefined || rules.type !== undefined) return rules;
  for (const keyword of ['oneOf', 'anyOf']) {
    if (Array.isArray(rules[keyword])) return { ...rules, [keyword]: [...rules[keyword], { type: 'null' }] };
  }
  return Array.isArray(rules.allOf) ? { anyOf: [rules, { type: 'null' }] } : rules;
}

/** The fields of all parts of an `allOf`; null where a part has more than fields. */
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

import type { JsonSchema } from '../operation.js';

const ONE = [
  'items',
  'additionalItems',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
];
const LISTS = ['items', 'allOf', 'anyOf', 'oneOf'];
const NAMED = ['properties', 'patternProperties', 'dependencies', 'definitions'];

/** The schemas directly below a schema, each with its place, such as `['properties', 'ip']`. */
export function* subschemas(schema: JsonSchema): Generator<[place: string[], schema: JsonSchema]> {
  for (const keyword of ONE) if (isSchema(schema[keyword])) yield [[keyword], schema[keyword]];
  for (const keyword of LISTS) {
    const list = schema[keyword];
    if (!Array.isArray(list)) continue;
    for (const [index, element] of list.entries()) {
      if (isSchema(element)) yield [[keyword, String(index)], element];
    }
  }
  for (const keyword of NAMED) {
    const named = schema[keyword];
    if (!isSchema(named)) continue;
    for (const [name, element] of Object.entries(named))
      if (isSchema(element)) yield [[keyword, name], element];
  }
}

/** Whether the value is an object. The schemas `true` and `false` do not count, since they have no content. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

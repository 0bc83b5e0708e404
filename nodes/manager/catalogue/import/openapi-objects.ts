import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import {
  type At,
  below,
  beside,
  type Conversion,
  fromNames,
  isRestricting,
  noteValue,
} from './openapi-conversion.js';
import { isHidden } from './openapi-hidden.js';

/** The keywords of a schema that are about the fields of an object. */
export function objectRules(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const rules: JsonSchema = {
    ...propertiesOf(conversion, schema, at),
    ...requiredOf(conversion, schema, at),
    ...patternsOf(conversion, schema, at),
    ...othersOf(conversion, schema, at),
  };
  const { propertyNames } = schema;
  if (isRestricting(propertyNames))
    rules.propertyNames = conversion.convert(propertyNames, below(at, 'propertyNames'));
  const dependencies = dependenciesOf(conversion, schema, at);
  if (Object.keys(dependencies).length > 0) rules.dependencies = dependencies;
  return rules;
}

function propertiesOf(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const { reading, purpose } = conversion;
  const all = namedSchemas(conversion, schema, 'properties', at.place);
  const fields = all.filter(([, one]) => purpose !== 'request' || !isHidden(reading, one, purpose));
  if (fields.length < all.length) noteReadOnly(conversion, all, fields, at.place);
  if (fields.length === 0) return {};
  return { properties: converted(conversion, 'properties', fields, at) };
}

function patternsOf(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const named = namedSchemas(conversion, schema, 'patternProperties', at.place);
  return named.length > 0 ? { patternProperties: converted(conversion, 'patternProperties', named, at) } : {};
}

function othersOf(conversion: Conversion, { additionalProperties: others }: JsonSchema, at: At): JsonSchema {
  if (others === undefined || others === true) return {};
  if (others === false) return { additionalProperties: false };
  if (isSchema(others))
    return { additionalProperties: conversion.convert(others, below(at, 'additionalProperties')) };
  noteValue(conversion, 'additionalProperties', others, at.place);
  return {};
}

function converted(
  conversion: Conversion,
  keyword: string,
  named: readonly [string, unknown][],
  at: At,
): JsonSchema {
  return fromNames(named.map(([name, one]) => [name, conversion.convert(one, below(at, keyword, name))]));
}

function namedSchemas(
  conversion: Conversion,
  schema: JsonSchema,
  keyword: string,
  place: string,
): [string, unknown][] {
  const named = schema[keyword];
  if (isSchema(named)) return Object.entries(named);
  if (named !== undefined) noteValue(conversion, keyword, named, place);
  return [];
}

function noteReadOnly(
  { notes }: Conversion,
  all: readonly [string, unknown][],
  left: readonly [string, unknown][],
  place: string,
): void {
  const kept = new Set(left.map(([name]) => name));
  const names = all.map(([name]) => name).filter((name) => !kept.has(name));
  notes.add(place, 'read-only', { names: names.join(', ') });
}

function requiredOf(conversion: Conversion, { required }: JsonSchema, at: At): JsonSchema {
  if (required === undefined) return {};
  // Drafts of long ago have it as a boolean of the property.
  if (!Array.isArray(required)) {
    noteValue(conversion, 'required', required, at.place);
    return {};
  }
  const names = required.filter((name): name is string => typeof name === 'string' && !at.hidden.has(name));
  return names.length > 0 ? { required: [...new Set(names)] } : {};
}

/** `dependentRequired` and `dependentSchemas` are one keyword in draft-07. */
function dependenciesOf(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const rules = new Map<string, unknown>();
  const add = (name: string, rule: unknown) => {
    const before = rules.get(name);
    rules.set(name, before === undefined ? rule : { allOf: [before, rule].map(asDependency) });
  };
  for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
    const named = schema[keyword];
    if (named === undefined) continue;
    if (!isSchema(named)) {
      noteValue(conversion, keyword, named, at.place);
      continue;
    }
    for (const [name, rule] of Object.entries(named)) {
      if (Array.isArray(rule) && keyword !== 'dependentSchemas')
        add(
          name,
          rule.filter((one) => typeof one === 'string'),
        );
      else if (isRestricting(rule) && keyword !== 'dependentRequired')
        add(name, conversion.convert(rule, beside(at, keyword, name)));
      else noteValue(conversion, keyword, rule, at.place);
    }
  }
  return fromNames([...rules]);
}

function asDependency(rule: unknown): unknown {
  return Array.isArray(rule) ? { required: rule } : rule;
}

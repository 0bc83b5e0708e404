import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { type At, below, type Conversion, isRestricting, noteValue } from './openapi-conversion.js';

/** The keywords of a schema that are about the items of a list. `prefixItems` is `items` in draft-07. */
export function listRules(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const rules = itemsOf(conversion, schema, at);
  const { contains } = schema;
  if (isRestricting(contains) && schema.minContains !== 0)
    rules.contains = conversion.convert(contains, below(at, 'contains'));
  for (const keyword of ['minContains', 'maxContains']) {
    const isDefault = keyword === 'minContains' && (schema[keyword] === 1 || schema[keyword] === 0);
    if (schema[keyword] !== undefined && !isDefault)
      conversion.notes.add(at.place, 'keyword', { name: keyword });
  }
  return rules;
}

function itemsOf(conversion: Conversion, schema: JsonSchema, at: At): JsonSchema {
  const { items, prefixItems, additionalItems } = schema;
  if (Array.isArray(prefixItems)) return tuple(conversion, ['prefixItems', prefixItems], items, at);
  if (Array.isArray(items)) return tuple(conversion, ['items', items], additionalItems, at);
  if (isRestricting(items)) return { items: conversion.convert(items, below(at, 'items')) };
  if (items !== undefined && items !== true) noteValue(conversion, 'items', items, at.place);
  return {};
}

function tuple(
  { convert }: Conversion,
  [keyword, first]: [string, readonly unknown[]],
  rest: unknown,
  at: At,
): JsonSchema {
  const rules: JsonSchema = { items: first.map((one, index) => convert(one, below(at, keyword, index))) };
  if (rest === false) rules.additionalItems = false;
  else if (isSchema(rest)) rules.additionalItems = convert(rest, below(at, 'items'));
  return rules;
}

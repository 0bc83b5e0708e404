import type { JsonSchema } from '../catalogue.js';

const MOST_DEPTH = 6;

/** A schema for what looks like this example, so that a form can be made of it; nothing in it is required. */
export function inferSchema(example: unknown, depth = 0): JsonSchema {
  if (typeof example === 'string') return { type: 'string' };
  if (typeof example === 'boolean') return { type: 'boolean' };
  if (typeof example === 'number') return { type: 'number' };
  if (typeof example !== 'object' || example === null || depth >= MOST_DEPTH) return {};
  if (Array.isArray(example)) {
    return example.length === 0
      ? { type: 'array' }
      : { type: 'array', items: inferSchema(example[0], depth + 1) };
  }
  const properties = Object.entries(example).map(
    ([name, value]) => [name, { title: name, ...inferSchema(value, depth + 1) }] as const,
  );
  return { type: 'object', properties: Object.fromEntries(properties) };
}

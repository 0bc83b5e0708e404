import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import type { Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';

/** What a schema is read for, which decides which properties are left out. */
export type Purpose = 'request' | 'answer' | 'parameter';

const MARK: Record<Purpose, string | null> = { request: 'readOnly', answer: 'writeOnly', parameter: null };
const MAX_SCHEMAS = 200;

/** Whether a property is hidden: `readOnly` in a request, or `writeOnly` in an answer. */
export function isHidden(reading: Reading, property: unknown, purpose: Purpose): boolean {
  const mark = MARK[purpose];
  if (mark === null || !isSchema(property)) return false;
  if (property[mark] === true && (reading.version !== '3.0' || property.$ref === undefined)) return true;
  const meant = followed(reading, property);
  return meant !== null && meant[mark] === true;
}

/**
 * The names of hidden properties in all parts of a schema (allOf, anyOf, oneOf). A part may require a property that another part
 * hides, so the names are needed to drop that requirement.
 */
export function hiddenNames(reading: Reading, schema: JsonSchema, purpose: Purpose): Set<string> {
  const names = new Set<string>();
  if (MARK[purpose] === null) return names;
  const seen = new Set<unknown>();
  const waiting: unknown[] = [schema];
  while (waiting.length > 0 && seen.size < MAX_SCHEMAS) {
    const part = followed(reading, waiting.pop());
    if (part === null || seen.has(part)) continue;
    seen.add(part);
    for (const [name, property] of Object.entries(isSchema(part.properties) ? part.properties : {}))
      if (isHidden(reading, property, purpose)) names.add(name);
    for (const keyword of ['allOf', 'anyOf', 'oneOf'])
      if (Array.isArray(part[keyword])) waiting.push(...part[keyword]);
  }
  return names;
}

/** Follows a reference to a schema; null where it leads to none, which is noted where that schema is read. */
function followed({ refs }: Reading, schema: unknown): JsonSchema | null {
  try {
    const { value } =
      isSchema(schema) && typeof schema.$ref === 'string' ? refs.follow(schema, '') : { value: schema };
    return isSchema(value) ? value : null;
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { TpeError } from '../../shared/tpe-error.js';
import type { JsonSchema } from '../operation.js';
import { whyNotStorable } from './storable-json.js';
import { isSchema, subschemas } from './subschemas.js';
import { whyNotUsable } from './text-pattern.js';

/** The largest size and depth of one schema. */
export const SCHEMA_BOUNDS = { bytes: 64 * 1024, depth: 48 };
const MAX_SCHEMAS = 2000;
const MAX_BRANCHES = 200;

/**
 * Why a user's schema cannot be stored, by its form alone; null if it can. The text continues a sentence that begins with the
 * name of the schema. It must not have `$ref`, which an import replaces before.
 */
export function whyNotKept(schema: JsonSchema): string | null {
  return whyNotStorable(schema, SCHEMA_BOUNDS) ?? faultOfForm(schema);
}

/**
 * Checks whether a user's schema, which whyNotKept has accepted, can be used. Throws INVALID_INPUT if it is no JSON Schema, or has
 * a pattern that cannot be run in bounded time. `place` names the schema in the error. It can take a second.
 */
export function checkSchema(schema: JsonSchema, place: string): void {
  const ajv = metaSchema();
  if (ajv.validateSchema(schema) !== true) {
    const why = ajv.errorsText(ajv.errors, { dataVar: 'schema' }).slice(0, 500).toWellFormed();
    throw unusable(place, `is no JSON Schema that can be used: ${why}`);
  }
  for (const pattern of patternsOf(schema)) {
    const why = whyNotUsable(pattern);
    if (why !== null) throw unusable(place, why);
  }
}

let ajv: Ajv | undefined;

/** Creates ajv when it is first needed, since that takes a while and most threads never need it. */
function metaSchema(): Ajv {
  if (ajv !== undefined) return ajv;
  ajv = new Ajv({ strict: false, logger: false });
  addFormats.default(ajv);
  return ajv;
}

function faultOfForm(schema: JsonSchema): string | null {
  const waiting = [schema];
  let count = 0;
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    count += 1;
    if (count > MAX_SCHEMAS) return `has more than ${MAX_SCHEMAS} schemas within`;
    const fault = faultOfKeywords(one);
    if (fault !== null) return fault;
    for (const [, inner] of subschemas(one)) waiting.push(inner);
  }
  return null;
}

function faultOfKeywords(schema: JsonSchema): string | null {
  const foreign = Object.keys(schema).find((keyword) => /^(\$(?!schema$|comment$)|id$)/.test(keyword));
  if (foreign !== undefined) return `has "${foreign.slice(0, 40)}": write out what it stands for`;
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const branches = schema[keyword];
    if (Array.isArray(branches) && branches.length > MAX_BRANCHES)
      return `has more than ${MAX_BRANCHES} branches in "${keyword}"`;
  }
  return null;
}

function patternsOf(schema: JsonSchema): Set<string> {
  const patterns = new Set(ownPatterns(schema));
  for (const [, inner] of subschemas(schema)) for (const pattern of patternsOf(inner)) patterns.add(pattern);
  return patterns;
}

function ownPatterns({ pattern, patternProperties }: JsonSchema): string[] {
  return [
    ...(typeof pattern === 'string' ? [pattern] : []),
    ...(isSchema(patternProperties) ? Object.keys(patternProperties) : []),
  ];
}

function unusable(place: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${place}" ${rule}.`, { field: place });
}

import { messageOf, TpeError } from '../tpe-error.js';
import type { JsonSchema } from './catalogue.js';
import { validatorOf } from './schema-check.js';
import { whyNotStorable } from './storable-json.js';
import { isSchema, subschemas } from './subschemas.js';
import { TOO_SLOW, withinTime } from './time-limit.js';

/** Of one schema. */
export const SCHEMA_BOUNDS = { bytes: 64 * 1024, depth: 48 };
/** The validator is code that ajv writes, and its stack is not endless. */
const MOST_SCHEMAS = 2000;
const MOST_BRANCHES = 200;
const LONGEST_PATTERN = 500;
const COMPILE_MS = 2000;
const PROBE_MS = 500;
const PROBE_LENGTH = 50;
const MOST_PROBES = 40;

/** Why a schema of a user cannot be kept, by its form alone; null where it can. `$ref` is written out before. */
export function whyNotKept(schema: JsonSchema): string | null {
  return whyNotStorable(schema, SCHEMA_BOUNDS) ?? faultOfForm(schema);
}

/**
 * Compiles a schema of a user and tries its patterns on texts that make bad ones slow. Throws INVALID_INPUT that says what
 * is wrong with it; `place` names it there.
 */
export function trySchema(schema: JsonSchema, place: string): void {
  let outcome: unknown;
  try {
    outcome = withinTime(COMPILE_MS, () => validatorOf(schema));
  } catch (error) {
    throw unusable(place, `is no JSON Schema that can be used: ${messageOf(error)}`);
  }
  if (outcome === TOO_SLOW) throw unusable(place, 'is too complicated to be used');
  for (const pattern of patternsOf(schema)) {
    if (isSlow(pattern))
      throw unusable(place, `has a pattern that can take for ever: ${pattern.slice(0, 100)}`);
  }
}

/** True for a regular expression that takes long for some short text, as those with a repetition within a repetition may. */
export function isSlow(pattern: string): boolean {
  const expression = new RegExp(pattern);
  const repeated = new Set([...'a0A-. ', ...pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, '')]);
  const probes = [...repeated].slice(0, MOST_PROBES).map((text) => `${text.repeat(PROBE_LENGTH)}\n!`);
  const outcome = withinTime(PROBE_MS, () => {
    for (const probe of probes) expression.test(probe);
  });
  return outcome === TOO_SLOW;
}

/** A regular expression that may be kept: it is one, of bounded length, and not slow. */
export function isUsablePattern(pattern: string): boolean {
  try {
    return pattern.length <= LONGEST_PATTERN && !isSlow(pattern);
  } catch {
    return false;
  }
}

function faultOfForm(schema: JsonSchema): string | null {
  const waiting = [schema];
  let count = 0;
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    count += 1;
    if (count > MOST_SCHEMAS) return `has more than ${MOST_SCHEMAS} schemas within`;
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
    if (Array.isArray(branches) && branches.length > MOST_BRANCHES)
      return `has more than ${MOST_BRANCHES} branches in "${keyword}"`;
  }
  const long = ownPatterns(schema).find((pattern) => pattern.length > LONGEST_PATTERN);
  return long === undefined ? null : `has a pattern of more than ${LONGEST_PATTERN} characters`;
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

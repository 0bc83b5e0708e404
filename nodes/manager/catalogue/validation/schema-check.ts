import type { ErrorObject } from 'ajv';
import type { Fault } from '../../shared/fault.js';
import { whyTooLarge } from '../../shared/json-bounds.js';
import { escaped } from '../../shared/json-pointer.js';
import { isSecretName, REDACTED } from '../../shared/redact.js';
import { bareName } from '../../shared/secret-names.js';
import { isMarked, namesIn } from '../marked-secrets.js';
import type { JsonSchema } from '../operation.js';
import { TooMuchToCheck } from './check.js';
import { faultText, ruleOf } from './fault-text.js';
import { nearestFaults } from './nearest-branch.js';
import { schemaErrors } from './schema-errors.js';
import { subschemas } from './subschemas.js';

/** The most faults of one value that are reported; more help nobody. */
const MAX_FAULTS = 10;
const MAX_SHOWN_LENGTH = 60;
const MAX_PATH_LENGTH = 200;
const HIDDEN = '(hidden)';
/** The largest value that is checked. No gateway takes or sends more, and nobody reads the faults in more. */
const BOUNDS = { depth: 64, values: 200_000, characters: 512 * 1024 };

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/** The schemas that users wrote, each with whether it can be used. */
const fromUsers = new WeakMap<JsonSchema, boolean>();

/** Marks a schema as written by a user. It is not trusted, since it may be expensive to check, or no valid schema at all. */
export function distrustSchema(schema: JsonSchema): void {
  fromUsers.set(schema, hasKnownTypes(schema));
}

function hasKnownTypes(schema: JsonSchema): boolean {
  const waiting = [schema];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (one.type !== undefined && ![one.type].flat().every((type) => TYPES.has(String(type)))) return false;
    for (const [, inner] of subschemas(one)) waiting.push(inner);
  }
  return true;
}

/**
 * Checks a value by a schema of the catalogue; returns the first ten faults at most. `skip` has JSON Pointers to values that are
 * not known yet: nothing there or below is a fault. `at` is the place of the value within `part`. A value that is too large to be
 * checked, or a user's schema that cannot be used, is one fault.
 */
export function checkBySchema(
  part: Fault['in'],
  schema: JsonSchema,
  value: unknown,
  { skip = [], at = '' }: { skip?: readonly string[]; at?: string } = {},
): Fault[] {
  const tooLarge = whyTooLarge(value, BOUNDS);
  if (tooLarge !== null)
    return [{ in: part, path: at, rule: 'schema', text: `${part}${at} ${tooLarge} (schema)` }];
  const errors = errorsOf(schema, value);
  if (errors === null) return [unusable(part, at)];
  if (errors.length === 0) return [];
  // The text that replaces a hidden secret is no fault, since the real value is not known here.
  const isKnown = (error: ErrorObject) => {
    const place = placeOf(error);
    return (
      error.data !== REDACTED && !skip.some((pointer) => place === pointer || place.startsWith(`${pointer}/`))
    );
  };
  const names = namesIn(schema);
  const faults = nearestFaults(errors, isKnown).map((error) => toFault(part, at, error, names));
  return withoutDoubles(faults).slice(0, MAX_FAULTS);
}

/** Null where the value cannot be checked. */
function errorsOf(schema: JsonSchema, value: unknown): ErrorObject[] | null {
  const isUsers = fromUsers.has(schema);
  if (fromUsers.get(schema) === false) return null;
  try {
    return schemaErrors(schema, value, isUsers);
  } catch (error) {
    if (isUsers || error instanceof TooMuchToCheck) return null;
    throw error;
  }
}

function unusable(part: Fault['in'], at: string): Fault {
  const text = `${part}${at} could not be checked: it is too large, or the schema of the operation cannot be used (schema)`;
  return { in: part, path: at, rule: 'schema', text };
}

function toFault(part: Fault['in'], at: string, error: ErrorObject, names: ReadonlySet<string>): Fault {
  const path = `${at}${placeOf(error)}`.slice(0, MAX_PATH_LENGTH);
  const value = shown(error, path, names);
  const text = faultText(`${part}${path}`, error, value);
  return { in: part, path, rule: error.keyword, value, text, cause: ruleOf(error).cause };
}

/** The place of a fault. For a missing or additional field, it is that field and not the object around it. */
function placeOf({ instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Record<string, unknown>;
  const name = missingProperty ?? additionalProperty;
  return typeof name === 'string' ? `${instancePath}/${escaped(name)}` : instancePath;
}

/** What a log or a page may show of the value; undefined: nothing. */
function shown(
  { keyword, data, parentSchema }: ErrorObject,
  path: string,
  names: ReadonlySet<string>,
): unknown {
  if (keyword === 'required' || keyword === 'additionalProperties') return undefined;
  const isSecret =
    isMarked(parentSchema ?? {}) ||
    path.split('/').some((name) => isSecretName(name) || names.has(bareName(name)));
  if (isSecret && data !== null) return HIDDEN;
  if (typeof data === 'number' || typeof data === 'boolean' || data === null) return data;
  if (typeof data === 'bigint') return String(data);
  if (typeof data !== 'string') return Array.isArray(data) ? '[…]' : '{…}';
  return data.length <= MAX_SHOWN_LENGTH ? data : `${data.slice(0, MAX_SHOWN_LENGTH - 1).toWellFormed()}…`;
}

function withoutDoubles(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [fault.text, fault])).values()];
}

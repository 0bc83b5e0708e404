import type { ErrorObject } from 'ajv';
import { escaped } from '../../shared/json-pointer.js';
import type { JsonSchema } from '../operation.js';
import { isSchema } from './subschemas.js';

/**
 * Looking at one place of a value by one schema is a step, and so is what takes as long. All that a check may cost: some
 * tens of milliseconds on a slow machine.
 */
const MAX_STEPS = 100_000;
/** Of one value; more help nobody, and would fill the memory. */
const MAX_ERRORS = 300;
/** To write one value or field as a text, and to make a fault. */
export const STEPS_PER_TEXT = 10;
export const CHARACTERS_PER_STEP = 64;

/** The value is too large for its schema to be checked within bounds. */
export class TooMuchToCheck extends Error {}

/** What a check has found so far, and what it has cost. */
export interface Check {
  /** The schema is one that a user wrote. */
  isUsers: boolean;
  errors: ErrorObject[];
  steps: number;
  /** How many errors there were before the alternatives that are not decided yet; null: none are open. */
  certain: number | null;
  /** Whether a value fits its schema; faults are noted in `errors`. */
  isValid(place: Place): boolean;
}

/** One value at one schema. */
export interface Place {
  schema: JsonSchema;
  schemaPath: string;
  value: unknown;
  path: string;
}

export type Rule = (check: Check, place: Place, rule: unknown) => boolean;

export function step(check: Check, steps = 1): void {
  check.steps += steps;
  if (check.steps > MAX_STEPS)
    throw new TooMuchToCheck('The value is too large to be checked by its schema.');
}

/** Notes a fault; false, as the rule that is broken. */
export function fail(
  check: Check,
  { schema, schemaPath, value, path }: Place,
  keyword: string,
  params: Record<string, unknown>,
  message: string,
): false {
  if (check.errors.length < MAX_ERRORS) {
    step(check, STEPS_PER_TEXT);
    check.errors.push({
      ...{ keyword, params, message, instancePath: path, schemaPath: `${schemaPath}/${keyword}` },
      ...{ schema: schema[keyword], parentSchema: schema, data: value },
    });
  }
  return false;
}

/** The schema at one of the keyword's places, or none: what is no schema there says nothing. */
export function below({ schemaPath, value, path }: Place, schema: unknown, place: string): Place | null {
  if (schema === false) return { schema: { not: {} }, schemaPath: `${schemaPath}/${place}`, value, path };
  return isSchema(schema) ? { schema, schemaPath: `${schemaPath}/${place}`, value, path } : null;
}

export function fits(check: Check, place: Place | null): boolean {
  return place === null || check.isValid(place);
}

/** Looks at alternatives, whose faults may turn out to be none. */
export function undecided<Result>(check: Check, work: () => Result): Result {
  const before = check.certain;
  check.certain ??= check.errors.length;
  const result = work();
  check.certain = before;
  return result;
}

/** Whether it fits, and nothing is noted. */
export function fitsQuietly(check: Check, place: Place | null): boolean {
  const before = check.errors.length;
  const valid = undecided(check, () => fits(check, place));
  check.errors.length = before;
  return valid;
}

export function at(place: Place | null, value: unknown, name: string | number): Place | null {
  return place && { ...place, value, path: `${place.path}/${escaped(String(name))}` };
}

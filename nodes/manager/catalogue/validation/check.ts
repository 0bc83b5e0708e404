import type { ErrorObject } from 'ajv';
import { escaped } from '../../shared/json-pointer.js';
import type { JsonSchema } from '../operation.js';
import { isSchema } from './subschemas.js';

/**
 * How many steps a check may take; that is some tens of milliseconds on a slow machine. To check one place of a value by one
 * schema is one step, and other work counts by the time that it takes.
 */
const MAX_STEPS = 100_000;
/** The most errors of one value. More help nobody, and would fill the memory. */
const MAX_ERRORS = 300;
/** The steps for writing one value or field as text, and for noting an error. */
export const STEPS_PER_TEXT = 10;
export const CHARACTERS_PER_STEP = 64;

/** The value is too large to be checked by its schema within the bounds. */
export class TooMuchToCheck extends Error {}

/** A check on its way: what it has found and cost so far. */
export interface Check {
  /** A user wrote the schema, so it is not trusted. */
  isUsers: boolean;
  errors: ErrorObject[];
  steps: number;
  /**
   * How many errors count for certain: those from before alternatives that are being tried, since errors of these may be dropped.
   * Null: no alternatives are being tried, and all errors count.
   */
  certain: number | null;
  /** Whether a value fits its schema; adds faults to `errors`. */
  isValid(place: Place): boolean;
}

/** A value, and the schema by which it is checked, each with its place. */
export interface Place {
  schema: JsonSchema;
  schemaPath: string;
  value: unknown;
  path: string;
}

/** Checks a place by one keyword, whose content is `rule`; returns whether the value fits, and adds faults to the check. */
export type Rule = (check: Check, place: Place, rule: unknown) => boolean;

/** Counts steps of a check. Throws TooMuchToCheck when they are used up. */
export function step(check: Check, steps = 1): void {
  check.steps += steps;
  if (check.steps > MAX_STEPS)
    throw new TooMuchToCheck('The value is too large to be checked by its schema.');
}

/** Adds a fault to the check, unless it has too many. Always returns false, which a rule can return as its result. */
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

/** The same value with a schema below the present one; null where there is no schema, so that there is nothing to check. */
export function below({ schemaPath, value, path }: Place, schema: unknown, place: string): Place | null {
  if (schema === false) return { schema: { not: {} }, schemaPath: `${schemaPath}/${place}`, value, path };
  return isSchema(schema) ? { schema, schemaPath: `${schemaPath}/${place}`, value, path } : null;
}

/** Whether a value fits; null, which means that there is nothing to check, always does. Adds faults to the check. */
export function fits(check: Check, place: Place | null): boolean {
  return place === null || check.isValid(place);
}

/** Does work that tries alternatives. Until it ends, their faults do not count for certain. */
export function undecided<Result>(check: Check, work: () => Result): Result {
  const before = check.certain;
  check.certain ??= check.errors.length;
  const result = work();
  check.certain = before;
  return result;
}

/** As `fits`, but without adding faults. */
export function fitsQuietly(check: Check, place: Place | null): boolean {
  const before = check.errors.length;
  const valid = undecided(check, () => fits(check, place));
  check.errors.length = before;
  return valid;
}

/** The same schema with a value one level below, at the field or index `name`; null stays null. */
export function at(place: Place | null, value: unknown, name: string | number): Place | null {
  return place && { ...place, value, path: `${place.path}/${escaped(String(name))}` };
}

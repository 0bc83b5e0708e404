import type { ErrorObject } from 'ajv';
import type { JsonSchema } from '../operation.js';
import { ALTERNATIVES } from './alternatives.js';
import { type Check, type Place, type Rule, step, TooMuchToCheck } from './check.js';
import { LIST_RULES } from './rules-of-lists.js';
import { OBJECT_RULES } from './rules-of-objects.js';
import { TEXT_RULES } from './rules-of-texts.js';
import { VALUE_RULES } from './rules-of-values.js';

const RULES = new Map<string, Rule>([
  ...VALUE_RULES,
  ...TEXT_RULES,
  ...LIST_RULES,
  ...OBJECT_RULES,
  ...ALTERNATIVES,
]);

/**
 * Checks a value by a JSON Schema (draft 07, without references) and returns the errors in the form of ajv. `isUsers`: a user
 * wrote the schema. A check has a bounded cost. When that is used up, the errors found so far are returned; if there are none,
 * TooMuchToCheck is thrown. Throws an Error for a `type` that JSON Schema does not have.
 *
 * This is an interpreter of our own, since it has to count each step and stop when they are used up. ajv compiles schemas, which
 * blocks the process for up to a second for each of hundreds, and a compiled check runs to its end, however large the value is.
 * The interpreters on npm have no bound either, and run patterns by backtracking. A check in a worker thread can be stopped, but
 * each value must be copied there, a thread takes 30 MB, and a command that is checked 500 times would wait 500 times.
 */
export function schemaErrors(schema: JsonSchema, value: unknown, isUsers: boolean): ErrorObject[] {
  const check: Check = {
    ...{ isUsers, errors: [], steps: 0, certain: null },
    isValid: (place) => isValid(check, place),
  };
  try {
    return isValid(check, { schema, schemaPath: '#', value, path: '' }) ? [] : check.errors;
  } catch (error) {
    const found = check.errors.slice(0, check.certain ?? check.errors.length);
    if (error instanceof TooMuchToCheck && found.length > 0) return found;
    throw error;
  }
}

function isValid(check: Check, place: Place): boolean {
  step(check);
  let valid = true;
  for (const [work, rule] of rulesOf(place.schema)) {
    step(check);
    if (!work(check, place, rule)) valid = false;
  }
  return valid;
}

const known = new WeakMap<JsonSchema, [work: Rule, rule: unknown][]>();

/** The rules of a schema, without keywords that only describe, such as the title. They are kept, since a schema never changes. */
function rulesOf(schema: JsonSchema): [work: Rule, rule: unknown][] {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const rules = Object.entries(schema).flatMap(([keyword, rule]): [Rule, unknown][] => {
    const work = RULES.get(keyword);
    return work === undefined ? [] : [[work, rule]];
  });
  known.set(schema, rules);
  return rules;
}

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
 * What is wrong with a value by a JSON Schema (draft 07, without references), as ajv tells it. What it costs has a bound that
 * depends on the sizes of both alone: beyond, what was found till then is told, and TooMuchToCheck thrown where that is nothing.
 *
 * It is ours because each step is counted, and a check ends when they are used up. ajv compiles a schema, which takes up to a
 * second of everybody's time for each of hundreds, and what it compiled runs to the end, whatever the value is. The interpreters
 * of npm have no bound either, and run patterns by backtracking. In a worker a check may be ended, but the value has to be
 * copied there at once, a thread takes 30 MB, and a command that is checked 500 times waits 500 times for it.
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

/** What of a schema is a rule, and not a title. */
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

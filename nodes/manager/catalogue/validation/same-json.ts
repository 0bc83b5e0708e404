import { exactJson } from '../../shared/exact-json.js';
import { CHARACTERS_PER_STEP, type Check, STEPS_PER_TEXT, step, TooMuchToCheck } from './check.js';

/** The largest depth of values that are compared. */
const MAX_DEPTH = 64;

/** Whether two values are equal in JSON. Throws TooMuchToCheck for values that are nested too deep. */
export function isEqual(check: Check, one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) {
    step(check);
    return one === other;
  }
  return textOf(check, one) === textOf(check, other);
}

/** A text that is equal for values that are equal in JSON, where the order of fields means nothing. Throws TooMuchToCheck. */
export function textOf(check: Check, value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TooMuchToCheck('The value is nested too deep to be checked.');
  step(check, STEPS_PER_TEXT);
  if (typeof value === 'string') step(check, value.length / CHARACTERS_PER_STEP);
  if (typeof value !== 'object' || value === null) return exactJson(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map((one) => textOf(check, one, depth + 1)).join()}]`;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${textOf(check, field, depth + 1)}`).join()}}`;
}

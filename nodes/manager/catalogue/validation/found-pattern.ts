import type { JsonSchema } from '../operation.js';
import { type Check, step } from './check.js';
import { compilePattern, MAX_TEXT_LENGTH, MAX_USER_TEXT_LENGTH, type TextPattern } from './text-pattern.js';

/** The cost of a pattern that users wrote: by instructions times characters, and by instructions when it is compiled. */
const PATTERN_WORK_PER_STEP = 50;
const STEPS_PER_INSTRUCTION = 60;

const patterns = new WeakMap<JsonSchema, Map<string, TextPattern | null>>();

/**
 * Whether a pattern of `schema` is found in the text. A pattern that cannot be run in bounded time counts as found, since the
 * gateway checks the value too. A text that is too long counts as not found.
 */
export function isFound(check: Check, schema: JsonSchema, pattern: string, text: string): boolean {
  const known = patterns.get(schema) ?? new Map<string, TextPattern | null>();
  patterns.set(schema, known);
  let compiled = known.get(pattern);
  if (compiled === undefined) {
    compiled = compilePattern(pattern);
    known.set(pattern, compiled);
    if (check.isUsers) step(check, (compiled?.size ?? 0) * STEPS_PER_INSTRUCTION);
  }
  if (compiled === null) return true;
  if (text.length > longestOf(check)) return false;
  step(check, 2 + (text.length * (check.isUsers ? compiled.size : 1)) / PATTERN_WORK_PER_STEP);
  return compiled.test(text);
}

/** The most characters of a text on which patterns are run: fewer where a user wrote the schema. */
export function longestOf({ isUsers }: Check): number {
  return isUsers ? MAX_USER_TEXT_LENGTH : MAX_TEXT_LENGTH;
}

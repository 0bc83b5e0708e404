import { fullFormats } from 'ajv-formats/dist/formats.js';
import { SOFTWARE_FORMATS } from '../software-formats.js';
import { CHARACTERS_PER_STEP, type Check, fail, type Place, type Rule, step } from './check.js';
import { isFound, longestOf } from './found-pattern.js';
import { rulesOfSize } from './sizes.js';
import { isSchema } from './subschemas.js';
import { MAX_USER_TEXT_LENGTH } from './text-pattern.js';
import { isWholeOf } from './whole-formats.js';

const MAX_COUNTED_LENGTH = 20_000;

/** The keywords for texts. */
export const TEXT_RULES: readonly [string, Rule][] = [
  ...rulesOfSize('Length', 'characters', lengthOf),
  ['pattern', checkPattern],
  ['format', checkFormat],
];

/** The length in Unicode characters. For a long text it is in UTF-16 code units, which is close enough and costs nothing. */
function lengthOf(check: Check, value: unknown): number | null {
  if (typeof value !== 'string') return null;
  if (value.length > MAX_COUNTED_LENGTH) return value.length;
  step(check, value.length / CHARACTERS_PER_STEP);
  let length = value.length;
  for (const [pair] of value.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) length -= pair.length - 1;
  return length;
}

function checkPattern(check: Check, place: Place, pattern: unknown): boolean {
  const { value, schema } = place;
  if (typeof value !== 'string' || typeof pattern !== 'string') return true;
  if (value.length > longestOf(check)) return tooLong(check, place);
  if (isFound(check, schema, pattern, value)) return true;
  return fail(check, place, 'pattern', { pattern }, `must match pattern "${pattern}"`);
}

function tooLong(check: Check, place: Place): false {
  const limit = longestOf(check);
  return fail(check, place, 'maxLength', { limit }, `must NOT have more than ${limit} characters`);
}

const FORMATS: Readonly<Record<string, unknown>> = { ...fullFormats, ...SOFTWARE_FORMATS };

function checkFormat(check: Check, place: Place, format: unknown): boolean {
  const { value } = place;
  if (typeof format !== 'string') return true;
  const isOfRange = typeof value === 'number' || typeof value === 'bigint' ? isWholeOf(format, value) : null;
  if (isOfRange === false) return fail(check, place, 'format', { format }, `must match format "${format}"`);
  if (isOfRange === true || !Object.hasOwn(FORMATS, format)) return true;
  const rule = FORMATS[format];
  const { type = 'string', validate } = (
    isSchema(rule) && !(rule instanceof RegExp) ? rule : { validate: rule }
  ) as {
    type?: string;
    validate?: unknown;
  };
  if (typeof value !== type) return true;
  if (typeof value === 'string' && value.length > MAX_USER_TEXT_LENGTH) return tooLong(check, place);
  return (
    isOfFormat(check, value, validate) ||
    fail(check, place, 'format', { format }, `must match format "${format}"`)
  );
}

function isOfFormat(check: Check, value: unknown, validate: unknown): boolean {
  if (typeof value === 'string') {
    step(check, value.length);
    if (validate instanceof RegExp) return validate.test(value);
  }
  return typeof validate === 'function' ? Boolean(validate(value)) : true;
}

import type { ErrorObject } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { JsonSchema } from './catalogue.js';
import { escaped } from './json-pointer.js';
import { SOFTWARE_FORMATS } from './software-formats.js';
import { isSchema } from './subschemas.js';
import { compilePattern, LONGEST_TEXT, LONGEST_USER_TEXT, type TextPattern } from './text-pattern.js';

/**
 * Looking at one place of a value by one schema is a step, and so is what takes as long. All that a check may cost: some
 * tens of milliseconds on a slow machine.
 */
const MOST_STEPS = 100_000;
/** Of one value; more help nobody, and would fill the memory. */
const MOST_ERRORS = 300;
/** Of values that are compared as a whole. */
const MOST_DEPTH = 64;
const CHARACTERS_PER_STEP = 64;
const LONGEST_COUNTED = 20_000;
/** Of a pattern that users wrote: instructions times characters, and instructions to compile. */
const PATTERN_WORK_PER_STEP = 50;
const STEPS_PER_INSTRUCTION = 60;
/** To write one value or field as a text, and to make a fault. */
const STEPS_PER_TEXT = 10;

/** The value is too large for its schema to be checked within bounds. */
export class TooMuchToCheck extends Error {}

/** What a check has found so far, and what it has cost. */
interface Check {
  /** The schema is one that a user wrote. */
  isUsers: boolean;
  errors: ErrorObject[];
  steps: number;
  /** How many errors there were before the alternatives that are not decided yet; null: none are open. */
  certain: number | null;
}

/** One value at one schema. */
interface Place {
  schema: JsonSchema;
  schemaPath: string;
  value: unknown;
  path: string;
}

type Rule = (check: Check, place: Place, rule: unknown) => boolean;

/**
 * What is wrong with a value by a JSON Schema (draft 07, without references), as ajv tells it. The schema is read as it
 * stands: compiling one, as ajv does, takes up to a second of everybody's time. What it costs has a bound that depends on
 * the sizes of both alone: beyond, what was found till then is told, and TooMuchToCheck thrown where that is nothing.
 */
export function schemaErrors(schema: JsonSchema, value: unknown, isUsers: boolean): ErrorObject[] {
  const check: Check = { isUsers, errors: [], steps: 0, certain: null };
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

function step(check: Check, steps = 1): void {
  check.steps += steps;
  if (check.steps > MOST_STEPS)
    throw new TooMuchToCheck('The value is too large to be checked by its schema.');
}

/** Notes a fault; false, as the rule that is broken. */
function fail(
  check: Check,
  { schema, schemaPath, value, path }: Place,
  keyword: string,
  params: Record<string, unknown>,
  message: string,
): false {
  if (check.errors.length < MOST_ERRORS) {
    step(check, STEPS_PER_TEXT);
    check.errors.push({
      ...{ keyword, params, message, instancePath: path, schemaPath: `${schemaPath}/${keyword}` },
      ...{ schema: schema[keyword], parentSchema: schema, data: value },
    });
  }
  return false;
}

/** The schema at one of the keyword's places, or none: what is no schema there says nothing. */
function below({ schemaPath, value, path }: Place, schema: unknown, place: string): Place | null {
  if (schema === false) return { schema: { not: {} }, schemaPath: `${schemaPath}/${place}`, value, path };
  return isSchema(schema) ? { schema, schemaPath: `${schemaPath}/${place}`, value, path } : null;
}

function fits(check: Check, place: Place | null): boolean {
  return place === null || isValid(check, place);
}

/** Looks at alternatives, whose faults may turn out to be none. */
function undecided<Result>(check: Check, work: () => Result): Result {
  const before = check.certain;
  check.certain ??= check.errors.length;
  const result = work();
  check.certain = before;
  return result;
}

/** Whether it fits, and nothing is noted. */
function fitsQuietly(check: Check, place: Place | null): boolean {
  const before = check.errors.length;
  const valid = undecided(check, () => fits(check, place));
  check.errors.length = before;
  return valid;
}

function at(place: Place | null, value: unknown, name: string | number): Place | null {
  return place && { ...place, value, path: `${place.path}/${escaped(String(name))}` };
}

const NUMBERS: Record<string, [sign: string, holds: (value: number, limit: number) => boolean]> = {
  minimum: ['>=', (value, limit) => value >= limit],
  maximum: ['<=', (value, limit) => value <= limit],
  exclusiveMinimum: ['>', (value, limit) => value > limit],
  exclusiveMaximum: ['<', (value, limit) => value < limit],
};
const SIZES: Record<string, [fewer: boolean, size: (check: Check, value: unknown) => number | null]> = {
  minLength: [true, lengthOf],
  maxLength: [false, lengthOf],
  minItems: [true, itemsOf],
  maxItems: [false, itemsOf],
  minProperties: [true, propertiesOf],
  maxProperties: [false, propertiesOf],
};

const RULES = new Map<string, Rule>([
  ['type', checkType],
  ['enum', checkEnum],
  ['const', checkConst],
  ...Object.entries(NUMBERS).map(([keyword, [sign, holds]]): [string, Rule] => [
    keyword,
    (check, place, limit) => {
      const { value } = place;
      if (typeof value !== 'number' || typeof limit !== 'number' || holds(value, limit)) return true;
      return fail(check, place, keyword, { comparison: sign, limit }, `must be ${sign} ${limit}`);
    },
  ]),
  ...Object.entries(SIZES).map(([keyword, [isLeast, sizeOf]]): [string, Rule] => [
    keyword,
    (check, place, limit) => {
      const size = sizeOf(check, place.value);
      if (size === null || typeof limit !== 'number' || (isLeast ? size >= limit : size <= limit))
        return true;
      const noun = keyword.endsWith('Length') ? 'characters' : keyword.slice(3).toLowerCase();
      const words = `must NOT have ${isLeast ? 'fewer' : 'more'} than ${limit} ${noun}`;
      return fail(check, place, keyword, { limit }, words);
    },
  ]),
  ['multipleOf', checkMultiple],
  ['pattern', checkPattern],
  ['format', checkFormat],
  ['items', checkItems],
  ['uniqueItems', checkUnique],
  ['contains', checkContains],
  ['required', checkRequired],
  ['properties', checkProperties],
  ['patternProperties', checkPatternProperties],
  ['additionalProperties', checkAdditional],
  ['propertyNames', checkNames],
  ['dependencies', checkDependencies],
  ['allOf', checkAll],
  ['anyOf', checkAny],
  ['oneOf', checkOne],
  ['not', checkNot],
  ['if', checkIf],
]);

function checkType(check: Check, place: Place, type: unknown): boolean {
  const types: unknown[] = [type].flat();
  if (place.schema.nullable === true) types.push('null');
  return (
    types.some((one) => isOfType(place.value, one)) ||
    fail(check, place, 'type', { type }, `must be ${[type].flat().join(',')}`)
  );
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isSchema(value);
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`${JSON.stringify(type)} is no type of JSON Schema`);
  }
}

function checkEnum(check: Check, place: Place, allowed: unknown): boolean {
  if (!Array.isArray(allowed)) return true;
  const isOne = allowed.some((one) => isEqual(check, one, place.value));
  return (
    isOne ||
    fail(check, place, 'enum', { allowedValues: allowed }, 'must be equal to one of the allowed values')
  );
}

function checkConst(check: Check, place: Place, allowed: unknown): boolean {
  if (isEqual(check, allowed, place.value)) return true;
  return fail(check, place, 'const', { allowedValue: allowed }, 'must be equal to constant');
}

function checkMultiple(check: Check, place: Place, of: unknown): boolean {
  const { value } = place;
  if (typeof value !== 'number' || typeof of !== 'number' || Number.isInteger(value / of)) return true;
  return fail(check, place, 'multipleOf', { multipleOf: of }, `must be multiple of ${of}`);
}

function checkPattern(check: Check, place: Place, pattern: unknown): boolean {
  const { value, schema } = place;
  if (typeof value !== 'string' || typeof pattern !== 'string') return true;
  if (value.length > longestOf(check)) return tooLong(check, place);
  if (isFound(check, schema, pattern, value)) return true;
  return fail(check, place, 'pattern', { pattern }, `must match pattern "${pattern}"`);
}

function longestOf({ isUsers }: Check): number {
  return isUsers ? LONGEST_USER_TEXT : LONGEST_TEXT;
}

function tooLong(check: Check, place: Place): false {
  const limit = longestOf(check);
  return fail(check, place, 'maxLength', { limit }, `must NOT have more than ${limit} characters`);
}

const patterns = new WeakMap<JsonSchema, Map<string, TextPattern | null>>();

/** A pattern that cannot be tried in bounded time fits all: the gateway checks it, too. */
function isFound(check: Check, schema: JsonSchema, pattern: string, text: string): boolean {
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

const FORMATS: Readonly<Record<string, unknown>> = { ...fullFormats, ...SOFTWARE_FORMATS };

function checkFormat(check: Check, place: Place, format: unknown): boolean {
  const { value } = place;
  if (typeof format !== 'string' || !Object.hasOwn(FORMATS, format)) return true;
  const rule = FORMATS[format];
  const { type = 'string', validate } = (
    isSchema(rule) && !(rule instanceof RegExp) ? rule : { validate: rule }
  ) as {
    type?: string;
    validate?: unknown;
  };
  if (typeof value !== type) return true;
  if (typeof value === 'string' && value.length > LONGEST_USER_TEXT) return tooLong(check, place);
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

function checkItems(check: Check, place: Place, items: unknown): boolean {
  const { value, schema } = place;
  if (!Array.isArray(value)) return true;
  if (!Array.isArray(items)) return eachFits(check, below(place, items, 'items'), value, 0);
  const first = items.slice(0, value.length).map((one, index) => {
    const inner = below(place, one, `items/${index}`);
    return fits(check, at(inner, value[index], index));
  });
  if (schema.additionalItems === false && value.length > items.length) {
    const { length: limit } = items;
    return fail(check, place, 'additionalItems', { limit }, `must NOT have more than ${limit} items`);
  }
  const rest = below(place, schema.additionalItems, 'additionalItems');
  return eachFits(check, rest, value, items.length) && !first.includes(false);
}

function eachFits(check: Check, inner: Place | null, values: readonly unknown[], from: number): boolean {
  let valid = true;
  if (inner === null) return valid;
  for (let index = from; index < values.length; index += 1) {
    if (!fits(check, at(inner, values[index], index))) valid = false;
  }
  return valid;
}

/** By their texts, so that not each is compared with each. */
function checkUnique(check: Check, place: Place, isWanted: unknown): boolean {
  const { value } = place;
  if (isWanted !== true || !Array.isArray(value)) return true;
  const seen = new Map<string, number>();
  for (const [index, element] of value.entries()) {
    const text = textOf(check, element);
    const j = seen.get(text);
    if (j !== undefined) {
      const words = `must NOT have duplicate items (items ## ${j} and ${index} are identical)`;
      return fail(check, place, 'uniqueItems', { i: index, j }, words);
    }
    seen.set(text, index);
  }
  return true;
}

function checkContains(check: Check, place: Place, schema: unknown): boolean {
  const { value } = place;
  const inner = below(place, schema, 'contains');
  if (!Array.isArray(value) || inner === null) return true;
  const before = check.errors.length;
  if (undecided(check, () => value.some((element, index) => fits(check, at(inner, element, index))))) {
    check.errors.length = before;
    return true;
  }
  return fail(check, place, 'contains', { minContains: 1 }, 'must contain at least 1 valid item(s)');
}

function checkRequired(check: Check, place: Place, names: unknown): boolean {
  if (!isSchema(place.value) || !Array.isArray(names)) return true;
  return requireAll(check, place, 'required', names);
}

function requireAll(check: Check, place: Place, keyword: string, names: readonly unknown[]): boolean {
  let valid = true;
  for (const name of names) {
    step(check);
    if (typeof name !== 'string' || fieldOf(place.value, name) !== undefined) continue;
    valid = fail(check, place, keyword, { missingProperty: name }, `must have required property '${name}'`);
  }
  return valid;
}

function checkProperties(check: Check, place: Place, properties: unknown): boolean {
  const { value } = place;
  if (!isSchema(value) || !isSchema(properties)) return true;
  let valid = true;
  for (const [name, schema] of Object.entries(properties)) {
    step(check);
    const field = fieldOf(value, name);
    if (field === undefined) continue;
    const inner = below(place, schema, `properties/${escaped(name)}`);
    if (!fits(check, at(inner, field, name))) valid = false;
  }
  return valid;
}

function checkPatternProperties(check: Check, place: Place, given: unknown): boolean {
  const { value } = place;
  if (!isSchema(value) || !isSchema(given)) return true;
  let valid = true;
  for (const [pattern, schema] of Object.entries(given)) {
    const inner = below(place, schema, `patternProperties/${escaped(pattern)}`);
    for (const name of namesOf(check, value)) {
      if (!isFound(check, place.schema, pattern, name)) continue;
      if (!fits(check, at(inner, value[name], name))) valid = false;
    }
  }
  return valid;
}

function checkAdditional(check: Check, place: Place, given: unknown): boolean {
  const { value, schema } = place;
  const inner = given === false ? null : below(place, given, 'additionalProperties');
  if (!isSchema(value) || (inner === null && given !== false)) return true;
  const named = isSchema(schema.properties) ? schema.properties : {};
  const patterned = Object.keys(isSchema(schema.patternProperties) ? schema.patternProperties : {});
  let valid = true;
  for (const name of namesOf(check, value)) {
    if (Object.hasOwn(named, name)) continue;
    if (patterned.some((pattern) => isFound(check, schema, pattern, name))) continue;
    const params = { additionalProperty: name };
    if (inner !== null) valid = fits(check, at(inner, value[name], name)) && valid;
    else valid = fail(check, place, 'additionalProperties', params, 'must NOT have additional properties');
  }
  return valid;
}

function checkNames(check: Check, place: Place, schema: unknown): boolean {
  const inner = below(place, schema, 'propertyNames');
  if (!isSchema(place.value) || inner === null) return true;
  let valid = true;
  for (const name of namesOf(check, place.value)) {
    if (fits(check, { ...inner, value: name })) continue;
    valid = fail(check, place, 'propertyNames', { propertyName: name }, 'property name must be valid');
  }
  return valid;
}

function checkDependencies(check: Check, place: Place, dependencies: unknown): boolean {
  if (!isSchema(place.value) || !isSchema(dependencies)) return true;
  let valid = true;
  for (const [name, needs] of Object.entries(dependencies)) {
    step(check);
    if (fieldOf(place.value, name) === undefined) continue;
    const holds = Array.isArray(needs)
      ? requireAll(check, place, 'dependencies', needs)
      : fits(check, below(place, needs, `dependencies/${escaped(name)}`));
    valid = holds && valid;
  }
  return valid;
}

function checkAll(check: Check, place: Place, branches: unknown): boolean {
  const outcomes = branchesOf(place, branches, 'allOf').map((branch) => fits(check, branch));
  return !outcomes.includes(false);
}

function checkAny(check: Check, place: Place, branches: unknown): boolean {
  if (!Array.isArray(branches)) return true;
  const before = check.errors.length;
  const isAny = undecided(check, () =>
    branchesOf(place, branches, 'anyOf').some((branch) => fits(check, branch)),
  );
  if (!isAny) return fail(check, place, 'anyOf', {}, 'must match a schema in anyOf');
  check.errors.length = before;
  return true;
}

function checkOne(check: Check, place: Place, branches: unknown): boolean {
  if (!Array.isArray(branches)) return true;
  const before = check.errors.length;
  const passing: number[] = [];
  for (const [index, branch] of branchesOf(place, branches, 'oneOf').entries()) {
    const own = check.errors.length;
    if (!undecided(check, () => fits(check, branch))) continue;
    check.errors.length = own;
    passing.push(index);
    if (passing.length > 1) break;
  }
  if (passing.length === 1) {
    check.errors.length = before;
    return true;
  }
  const passingSchemas = passing.length === 0 ? null : passing;
  return fail(check, place, 'oneOf', { passingSchemas }, 'must match exactly one schema in oneOf');
}

function branchesOf(place: Place, branches: unknown, keyword: string): (Place | null)[] {
  if (!Array.isArray(branches)) return [];
  return branches.map((branch, index) => below(place, branch, `${keyword}/${index}`));
}

function checkNot(check: Check, place: Place, schema: unknown): boolean {
  if (schema !== true) {
    const inner = below(place, schema, 'not');
    if (inner === null || !fitsQuietly(check, inner)) return true;
  }
  return fail(check, place, 'not', {}, 'must NOT be valid');
}

function checkIf(check: Check, place: Place, schema: unknown): boolean {
  const keyword = fitsQuietly(check, below(place, schema, 'if')) ? 'then' : 'else';
  if (fits(check, below(place, place.schema[keyword], keyword))) return true;
  return fail(check, place, 'if', { failingKeyword: keyword }, `must match "${keyword}" schema`);
}

function namesOf(check: Check, value: object): string[] {
  const names = Object.keys(value);
  step(check, names.length);
  return names;
}

/** As JSON has it: what is inherited, or undefined, is not there. */
function fieldOf(value: unknown, name: string): unknown {
  return Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** In Unicode characters; of a long text, whose exact length is no rule of anybody, in halves of them. */
function lengthOf(check: Check, value: unknown): number | null {
  if (typeof value !== 'string') return null;
  if (value.length > LONGEST_COUNTED) return value.length;
  step(check, value.length / CHARACTERS_PER_STEP);
  let length = value.length;
  for (const [pair] of value.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) length -= pair.length - 1;
  return length;
}

function itemsOf(_check: Check, value: unknown): number | null {
  return Array.isArray(value) ? value.length : null;
}

function propertiesOf(check: Check, value: unknown): number | null {
  return isSchema(value) ? namesOf(check, value).length : null;
}

function isEqual(check: Check, one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) {
    step(check);
    return one === other;
  }
  return textOf(check, one) === textOf(check, other);
}

/** The same text for what is the same in JSON; the order of fields says nothing. */
function textOf(check: Check, value: unknown, depth = 0): string {
  if (depth > MOST_DEPTH) throw new TooMuchToCheck('The value is nested too deep to be checked.');
  step(check, STEPS_PER_TEXT);
  if (typeof value === 'string') step(check, value.length / CHARACTERS_PER_STEP);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map((one) => textOf(check, one, depth + 1)).join()}]`;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${textOf(check, field, depth + 1)}`).join()}}`;
}

import { parseExactJson, typedNumber, unsendableNumber } from '../../shared/exact-json.js';
import type { Fault } from '../../shared/fault.js';
import { escaped } from '../../shared/json-pointer.js';
import type { JsonSchema, Operation, Parameter } from '../operation.js';
import { kindOf, NotWritable, readBack, written } from './parameter-style.js';
import { valuesIn } from './path-template.js';
import { checkBySchema } from './schema-check.js';
import { isSchema as isObject } from './subschemas.js';

export type Params = Readonly<Record<string, unknown>>;

/** The most faults; more help nobody. */
const MAX_FAULTS = 10;
const PLACEHOLDER = /\{([^{}]+)\}/g;

/**
 * Makes the concrete path of an operation, with its query. Values are encoded, so none can leave its level of the path. A name in
 * `unknown` has no value yet, so its placeholder stays as it is. What is wrong with the values is in `faults`.
 */
export function composePath(
  operation: Operation,
  params: Params,
  unknown: ReadonlySet<string> = new Set(),
): { path: string; faults: Fault[] } {
  const faults: Fault[] = [];
  const values = new Map<string, string>();
  for (const parameter of operation.parameters) {
    const { name } = parameter;
    if (unknown.has(name)) {
      if (parameter.in === 'path') values.set(name, `{${name}}`);
      continue;
    }
    const given = Object.hasOwn(params, name) ? params[name] : undefined;
    const read = readValue(parameter, given);
    faults.push(...read.faults);
    if (read.text !== null) values.set(name, read.text);
  }
  for (const name in params) {
    if (faults.length >= MAX_FAULTS) break;
    if (!operation.parameters.some((parameter) => parameter.name === name)) {
      faults.push(notKnown(operation, name));
    }
  }
  const path = operation.path.replaceAll(PLACEHOLDER, (all, name: string) => values.get(name) ?? all);
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => values.get(name) ?? '');
  const fixed = Object.entries(operation.query).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  const all = [...fixed, ...query].filter((part) => part !== '').join('&');
  return { path: all === '' ? path : `${path}?${all}`, faults };
}

/** Checks the values in a concrete path and its query by the parameters of its operation. */
export function checkPath(operation: Operation, path: string): Fault[] {
  const [place = '', ...rest] = path.split('?');
  const query = rest.join('?');
  const levels = place.split('/');
  const faults: Fault[] = [];
  for (const [index, template] of operation.path.split('/').entries()) {
    for (const [name, level] of valuesIn(template, levels[index] ?? '') ?? []) {
      const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name);
      if (parameter) faults.push(...readValue(parameter, readBack(parameter, { level, query })).faults);
    }
  }
  for (const parameter of operation.parameters) {
    if (parameter.in !== 'query') continue;
    const given = readBack(parameter, { level: '', query });
    if (given !== undefined) faults.push(...readValue(parameter, given).faults);
  }
  return faults;
}

/**
 * Checks and writes one value. `text` is how it is written in the path or query; null where it is left out or cannot be written.
 */
function readValue(parameter: Parameter, given: unknown): { text: string | null; faults: Fault[] } {
  const { name } = parameter;
  const path = `/${escaped(name)}`;
  const refuse = (rule: string, words: string, value?: unknown) => ({
    text: null,
    faults: [{ in: 'params' as const, path, rule, value, text: `params${path} ${words} (${rule})` }],
  });
  const isEmpty = given === '' && parameter.allowEmptyValue === true;
  if (isEmpty) return { text: `${encodeURIComponent(name)}=`, faults: [] };
  if (given === undefined || given === null || given === '')
    return parameter.required ? refuse('required', 'is missing') : { text: null, faults: [] };
  const number = unsendableNumber(given);
  if (number !== null) return refuse('digits', number.why);
  const { exact: value, faults } = checked(parameter, given, wanted(parameter, given), path);
  const isOfParts = typeof value === 'object' && value !== null;
  if (isOfParts && !takesParts(parameter, value))
    return refuse('type', 'must be a text or a number, not an object or a list');
  // As a level of a path, "." and ".." would lead to another path.
  if (parameter.in === 'path' && /^\.{1,2}$/.test(String(value)))
    return refuse('pattern', `must not be "${String(value)}"`, value);
  try {
    const text = written(parameter, value);
    if (text === '' && parameter.required) return refuse('required', 'must not be empty');
    if (parameter.in === 'path' && /^\.{1,2}$/.test(text)) return refuse('pattern', `must not be "${text}"`);
    return { text: text === '' ? null : text, faults };
  } catch (error) {
    if (error instanceof NotWritable) return refuse('pattern', error.message);
    throw error;
  }
}

/** Whether a parameter takes a list or an object. Parameters without a style take only lists, where their schema says so. */
function takesParts({ schema, style, content }: Parameter, value: object): boolean {
  if (content !== undefined || style !== undefined) return true;
  return Array.isArray(value) && kindOf(schema) === 'list';
}

/** A value as it is checked (`typed`) and as it is written (`exact`): a text of digits stays a text if no number is exact. */
interface Wanted {
  typed: unknown;
  exact: unknown;
}

/** Converts a value to the type that its schema wants, since forms, paths and queries have only texts. */
function wanted({ schema, content }: Parameter, given: unknown): Wanted {
  const kind = kindOf(schema);
  const read =
    typeof given === 'string' && looksLikeJson(given, kind, content !== undefined) ? asJson(given) : given;
  if (content !== undefined) return { typed: read, exact: read };
  if (kind === 'list' && (Array.isArray(read) || typeof read !== 'object')) {
    const { type } = (isObject(schema.items) ? schema.items : {}) as JsonSchema;
    const entries = (Array.isArray(read) ? read : String(read).split(',')).map((one) =>
      wantedScalar(one, type),
    );
    return { typed: entries.map(({ typed }) => typed), exact: entries.map(({ exact }) => exact) };
  }
  if (isObject(read)) return wantedFields(schema, read);
  return wantedScalar(read, schema.type);
}

function wantedFields({ properties, additionalProperties }: JsonSchema, given: JsonSchema): Wanted {
  const named = isObject(properties) ? properties : {};
  const fields = Object.entries(given).map(([name, value]): [string, Wanted] => {
    const field = Object.hasOwn(named, name) ? named[name] : additionalProperties;
    return [name, wantedScalar(value, isObject(field) ? field.type : undefined)];
  });
  return {
    typed: Object.fromEntries(fields.map(([name, { typed }]) => [name, typed])),
    exact: Object.fromEntries(fields.map(([name, { exact }]) => [name, exact])),
  };
}

function wantedScalar(given: unknown, type: unknown): Wanted {
  const typed = asTyped(given, type);
  const isChanged = typeof typed === 'number' && typeof given === 'string' && !Number.isSafeInteger(typed);
  return { typed, exact: isChanged ? given.trim() : typed };
}

/** Whether a text is to be read as JSON: in a form, people may write a list or an object so. */
function looksLikeJson(text: string, kind: 'list' | 'object' | 'scalar', isJson: boolean): boolean {
  return kind === 'object' || (kind === 'list' && /^\s*\[/.test(text)) || (isJson && kind !== 'scalar');
}

function checked({ schema }: Parameter, given: unknown, { typed, exact }: Wanted, at: string) {
  const faultsOf = (value: unknown) => checkBySchema('params', schema, value, { at });
  const faults = faultsOf(typed);
  // A schema without a type, such as one with alternatives, did not say whether the text means a number: try that as well.
  if (faults.length === 0 || schema.type !== undefined || typeof given !== 'string') return { exact, faults };
  const scalar = asScalar(given);
  return faultsOf(scalar).length === 0 ? { exact: given.trim(), faults: [] } : { exact, faults };
}

function asJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}

/** Converts a text to a number or a boolean where the type wants one, and these to a text where it wants a text. */
function asTyped(given: unknown, type: unknown): unknown {
  const types = [type ?? []].flat();
  if (types.includes('string')) {
    const isPlain = typeof given === 'number' || typeof given === 'boolean';
    return isPlain && !types.includes(typeof given) && !types.includes('integer') ? String(given) : given;
  }
  if (typeof given !== 'string') return given;
  const scalar = asScalar(given);
  if (typeof scalar === 'number' || typeof scalar === 'bigint')
    return types.includes('integer') || types.includes('number') ? scalar : given;
  return typeof scalar === 'boolean' && types.includes('boolean') ? scalar : given;
}

function asScalar(text: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(text.trim())) return typedNumber(text);
  return /^(true|false)$/.test(text) ? text === 'true' : text;
}

function notKnown({ parameters, name: operation }: Operation, name: string): Fault {
  const known = parameters.map((parameter) => parameter.name).join(', ');
  const words = known === '' ? 'takes no parameters' : `takes ${known}`;
  return {
    in: 'params',
    path: `/${name.slice(0, 100)}`,
    rule: 'additionalProperties',
    text: `params/${name.slice(0, 100)} is not known: "${operation}" ${words} (additionalProperties)`,
  };
}

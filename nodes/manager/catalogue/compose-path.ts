import { typedNumber, unsendableNumber } from '../exact-json.js';
import type { Operation, Parameter } from './catalogue.js';
import type { Fault } from './fault.js';
import { escaped } from './json-pointer.js';
import { checkBySchema } from './validation/schema-check.js';

export type Params = Readonly<Record<string, unknown>>;

/** More help nobody. */
const MOST_FAULTS = 10;
const PLACEHOLDER = /\{([^{}]+)\}/g;

/**
 * The concrete path of an operation, with its query: each value stands for one level of the path, whatever is in it. Names
 * in `unknown` have no value yet: their placeholder stays as it is.
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
    if (faults.length >= MOST_FAULTS) break;
    if (!operation.parameters.some((parameter) => parameter.name === name)) {
      faults.push(notKnown(operation, name));
    }
  }
  const path = operation.path.replaceAll(PLACEHOLDER, (all, name: string) => values.get(name) ?? all);
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && values.has(parameter.name))
    .map(({ name }) => `${encodeURIComponent(name)}=${values.get(name)}`);
  const fixed = Object.entries(operation.query).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  const all = [...fixed, ...query].join('&');
  return { path: all === '' ? path : `${path}?${all}`, faults };
}

/** The faults of a concrete path's values, by the operation that it belongs to. */
export function checkPath(operation: Operation, path: string): Fault[] {
  const [place = '', query = ''] = path.split('?');
  const levels = place.split('/');
  const faults: Fault[] = [];
  for (const [index, level] of operation.path.split('/').entries()) {
    const name = /^\{(.+)\}$/.exec(level)?.[1];
    const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name);
    if (parameter) faults.push(...readValue(parameter, decoded(levels[index] ?? '')).faults);
  }
  const asked = new URLSearchParams(query);
  for (const parameter of operation.parameters) {
    const given = parameter.in === 'query' ? asked.get(parameter.name) : null;
    if (given !== null) faults.push(...readValue(parameter, given).faults);
  }
  return faults;
}

function readValue(parameter: Parameter, given: unknown): { text: string | null; faults: Fault[] } {
  const { name, schema } = parameter;
  const path = `/${escaped(name)}`;
  const refuse = (rule: string, words: string, value?: unknown) => ({
    text: null,
    faults: [{ in: 'params' as const, path, rule, value, text: `params${path} ${words} (${rule})` }],
  });
  if (given === undefined || given === null || given === '') {
    return parameter.required ? refuse('required', 'is missing') : { text: null, faults: [] };
  }
  const isList = schema.type === 'array';
  if (typeof given === 'object' && !(isList && Array.isArray(given))) {
    return refuse('type', 'must be a text or a number, not an object or a list');
  }
  const number = unsendableNumber(given);
  if (number !== null) return refuse('digits', number.why);
  const value = isList ? listOf(given, schema.items) : asTyped(given, schema.type);
  const faults = checkBySchema('params', schema, value, { at: path });
  const text = isList ? [value].flat().map(String).join(',') : String(value);
  // As a level of a path these mean another place.
  if (parameter.in === 'path' && /^\.{1,2}$/.test(text)) {
    return refuse('pattern', `must not be "${text}"`, text);
  }
  if (!text.isWellFormed()) return refuse('pattern', 'must be well-formed Unicode');
  return { text: encodeURIComponent(text), faults };
}

function listOf(given: unknown, items: unknown): unknown[] {
  const { type } = (items ?? {}) as { type?: unknown };
  const values = Array.isArray(given) ? given : String(given).split(',');
  return values.map((value) => asTyped(value, type));
}

/** In a path all is text: where a number is wanted, a text of digits is one. */
function asTyped(given: unknown, type: unknown): unknown {
  if (type === 'string' && typeof given !== 'string') return String(given);
  if (typeof given !== 'string') return given;
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(given.trim()))
    return typedNumber(given);
  if (type === 'boolean' && /^(true|false)$/.test(given)) return given === 'true';
  return given;
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

function decoded(level: string): string {
  try {
    return decodeURIComponent(level);
  } catch {
    return level;
  }
}

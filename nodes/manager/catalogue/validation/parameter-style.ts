import { exactJson, parseExactJson } from '../../shared/exact-json.js';
import type { JsonSchema, Parameter } from '../operation.js';
import type { Style } from './styles.js';
import { isSchema as isObject } from './subschemas.js';

/** A value cannot be written in its style. The message continues a sentence that begins with the parameter. */
export class NotWritable extends Error {}

const DELIMITERS: Record<Style, string> = {
  simple: ',',
  label: ',',
  form: ',',
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
  deepObject: ',',
};

/**
 * Writes a value for the path, in place of its placeholder, or for the query, with its name. "" for a value that leaves nothing in
 * the query, such as an empty list. Throws NotWritable.
 */
export function written(parameter: Parameter, value: unknown): string {
  const text = parameter.in === 'path' ? inPath(parameter, value) : inQuery(parameter, value);
  if (parameter.in === 'path' && text === '') throw new NotWritable('must not be empty');
  return text;
}

function inPath({ style, explode = false, content }: Parameter, value: unknown): string {
  if (content !== undefined) return encoded(exactJson(value));
  const parts = partsOf(value);
  const prefix = style === 'label' ? '.' : '';
  if (parts === null) return `${prefix}${encoded(textOf(value))}`;
  if (style === undefined)
    return encoded(parts.map(([name, one]) => (name === null ? one : `${name},${one}`)).join(','));
  const delimiter = style === 'label' && explode ? '.' : DELIMITERS[style];
  return parts.length === 0 ? '' : `${prefix}${joined(parts, delimiter, explode ? '=' : delimiter, encoded)}`;
}

function inQuery(
  { name, style, explode = false, content, allowReserved }: Parameter,
  value: unknown,
): string {
  const encode = allowReserved ? encodedButReserved : encoded;
  const own = encoded(name);
  if (content !== undefined) return `${own}=${encoded(exactJson(value))}`;
  const parts = partsOf(value);
  if (parts === null) return `${own}=${encode(textOf(value))}`;
  if (parts.length === 0) return '';
  if (style === undefined) return `${own}=${encode(parts.map(([, one]) => one).join(','))}`;
  const isObject = parts.some(([key]) => key !== null);
  if (style === 'deepObject' && isObject)
    return parts.map(([key, one]) => `${own}%5B${encoded(key ?? '')}%5D=${encode(one)}`).join('&');
  if (explode)
    return parts.map(([key, one]) => `${key === null ? own : encoded(key)}=${encode(one)}`).join('&');
  const delimiter = DELIMITERS[style];
  return `${own}=${joined(parts, delimiter, delimiter, encode)}`;
}

type Part = [name: string | null, text: string];

/** The parts of a list or an object; null for a value without parts. */
function partsOf(value: unknown): Part[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return value.map((one): Part => [null, textOf(one)]);
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]): Part => [name, textOf(one)]);
}

function joined(
  parts: readonly Part[],
  delimiter: string,
  between: string,
  encode: (text: string) => string,
): string {
  return parts
    .map(([name, text]) => (name === null ? encode(text) : `${encoded(name)}${between}${encode(text)}`))
    .join(delimiter);
}

function textOf(value: unknown): string {
  if (typeof value === 'object' || value === undefined)
    throw new NotWritable('must not have lists, objects or null within: no style says how to write them');
  const text = String(value);
  if (!text.isWellFormed()) throw new NotWritable('must be well-formed Unicode');
  return text;
}

function encoded(text: string): string {
  if (!text.isWellFormed()) throw new NotWritable('must be well-formed Unicode');
  return encodeURIComponent(text);
}

/**
 * Encodes a text except for reserved characters and `%XX`. Characters that would end the value, or that servers read differently,
 * are encoded all the same; the receiver decodes them anyway.
 */
function encodedButReserved(text: string): string {
  return encodeURI(text)
    .replaceAll(/%25([0-9a-f]{2})/gi, '%$1')
    .replaceAll(/[#&+;=[\]]/g, (one) => encodeURIComponent(one));
}

/**
 * Reads the value of a parameter from a level of a path or from a query. Lists and objects have texts as their values, since
 * their types cannot be seen there. Undefined where the query does not have the parameter.
 */
export function readBack(parameter: Parameter, { level, query }: { level: string; query: string }): unknown {
  return parameter.in === 'path' ? fromPath(parameter, level) : fromQuery(parameter, query);
}

function fromPath({ schema, style, explode = false, content }: Parameter, level: string): unknown {
  const text = style === 'label' ? level.replace(/^\./, '') : level;
  if (content !== undefined) return fromJson(decoded(text));
  if (style === undefined || kindOf(schema) === 'scalar') return decoded(text);
  return fromParts(schema, text.split(style === 'label' && explode ? '.' : ','), explode, decoded);
}

function fromQuery(parameter: Parameter, query: string): unknown {
  const { name, schema, style, explode = false, content } = parameter;
  const pairs = pairsOf(query);
  const values = pairs.filter(([key]) => key === name).map(([, value]) => value);
  const kind = kindOf(schema);
  if (style === 'deepObject') {
    const fields = pairs.flatMap(([key, value]): [string, string][] =>
      key.startsWith(`${name}[`) && key.endsWith(']')
        ? [[key.slice(name.length + 1, -1), ofQuery(value)]]
        : [],
    );
    return fields.length === 0 ? undefined : Object.fromEntries(fields);
  }
  if (style === 'form' && explode && kind === 'object') {
    const known = isObject(schema.properties) ? schema.properties : {};
    const fields = pairs.filter(([key]) => Object.hasOwn(known, key));
    return fields.length === 0
      ? undefined
      : Object.fromEntries(fields.map(([key, value]) => [key, ofQuery(value)]));
  }
  if (values.length === 0) return undefined;
  const [first = ''] = values;
  if (content !== undefined) return fromJson(ofQuery(first));
  if (style === undefined || kind === 'scalar') return ofQuery(first);
  if (explode) return values.map(ofQuery);
  const delimiter = style === 'form' ? /,/ : style === 'spaceDelimited' ? /%20|\+/ : /%7c|\|/i;
  return fromParts(schema, first.split(delimiter), false, ofQuery);
}

function fromParts(
  schema: JsonSchema,
  parts: readonly string[],
  isPairs: boolean,
  read: (text: string) => string,
): unknown {
  if (kindOf(schema) !== 'object') return parts.map(read);
  const pairs = isPairs
    ? parts.map((part) => [part.split('=')[0] ?? '', part.split('=').slice(1).join('=')])
    : parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? '']] : []));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [read(name), read(value)]));
}

/** Whether a value is a list, an object or neither, as far as its schema says so. */
export function kindOf({
  type,
  items,
  properties,
  additionalProperties,
}: JsonSchema): 'list' | 'object' | 'scalar' {
  const types = [type ?? []].flat();
  if (types.includes('array') || (types.length === 0 && items !== undefined)) return 'list';
  if (types.includes('object')) return 'object';
  return types.length === 0 && (isObject(properties) || isObject(additionalProperties)) ? 'object' : 'scalar';
}

function pairsOf(query: string): [name: string, value: string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [ofQuery(name), value.join('=')];
    });
}

function fromJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}

/** Decodes a text of a query, where a plus means a space. */
function ofQuery(text: string): string {
  return decoded(text.replaceAll('+', ' '));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import { isJsonObject } from '../shared/json-object.js';
import { REDACTED } from '../shared/secret-text.js';
import { branchesOf, propertiesOf, requiredOf } from './form-schema.js';
import type { JsonSchema } from './operation.js';

// What a gateway tells of itself, as the body that changes it. The answer has more fields than the body may have, such as states.

type Fields = Readonly<Record<string, unknown>>;

/**
 * Where an answer calls the fields of a body by other names, by the path of both. All other answers have the names of their bodies.
 */
const OTHER_NAMES: Readonly<Record<string, (value: unknown) => unknown>> = {
  '/system/sshserver': (value) =>
    isJsonObject(value) ? { enable: value.sshEnable, port: value.sshPort, ...value } : value,
  '/device/dns': (value) =>
    Array.isArray(value) ? { enable: value.length > 0, primary: value[0], secondary: value[1] } : value,
};
/** The fields by which an entry of a list is known, after the one that the path names. */
const KEYS = ['id', 'name', 'uuid', 'channel'] as const;

/** The value in an answer: most answers have it below `data`. */
export function valueOfAnswer(payload: unknown): unknown {
  return isJsonObject(payload) && Object.hasOwn(payload, 'data') ? payload.data : payload;
}

/** The entry of a list that a parameter names; undefined where there is none. */
export function entryOf(list: unknown, name: string, key: unknown): unknown {
  const entries = Array.isArray(list) ? list : [];
  return entries.find(
    (one) =>
      isJsonObject(one) &&
      [name, ...KEYS].some((field) => one[field] !== undefined && String(one[field]) === String(key)),
  );
}

/** A value that a parameter may have, with what a person knows it by. */
export interface Choice {
  value: unknown;
  label: string;
}

/** What a parameter may be, by the list that its gateway has. */
export function choicesIn(list: unknown, name: string): Choice[] {
  const entries = Array.isArray(list) ? list : isJsonObject(list) ? [list] : [];
  return entries.flatMap((one): Choice[] => {
    if (typeof one === 'string' || typeof one === 'number') return [{ value: one, label: String(one) }];
    if (!isJsonObject(one)) return [];
    const field = [name, ...KEYS].find((key) => ['string', 'number'].includes(typeof one[key]));
    if (field === undefined) return [];
    const value = one[field];
    const names = [one.displayName, one.name, one.ssid, one.description].filter(
      (text): text is string => typeof text === 'string' && text !== '' && text !== String(value),
    );
    return [{ value, label: [...new Set(names)].slice(0, 2).join(', ') }];
  });
}

/**
 * The body of an operation that would leave everything as it is, as far as the present value tells: what is hidden in it, or what the
 * schema does not know, is left out.
 */
export function bodyOfPresent(schema: JsonSchema, present: unknown, path: string): unknown {
  const value = OTHER_NAMES[path]?.(present) ?? present;
  const [only, ...others] = Object.entries(propertiesOf(schema));
  // Some bodies are in an envelope that the answer's value was taken out of.
  if (only?.[0] === 'data' && others.length === 0 && isJsonObject(value) && !Object.hasOwn(value, 'data'))
    return { data: fitting(only[1], value) };
  return fitting(schema, value);
}

/** A copy of a body with what an operation sets in any case, such as that an address is not from DHCP. */
export function withFixed(schema: JsonSchema, body: unknown): unknown {
  if (schema.const !== undefined) return schema.const;
  if (!isJsonObject(body)) return body;
  const required = requiredOf(schema);
  const fields = Object.entries(propertiesOf(schema)).flatMap(([name, inner]): [string, unknown][] => {
    const isThere = body[name] !== undefined;
    if (!isThere && !(required.has(name) && inner.const !== undefined)) return [];
    return [[name, withFixed(inner, body[name])]];
  });
  return { ...body, ...Object.fromEntries(fields) };
}

/** Undefined where the value is of another kind than the schema. */
function fitting(schema: JsonSchema, value: unknown): unknown {
  if (value === undefined || value === null || value === REDACTED) return undefined;
  const branches = branchesOf(schema);
  if (branches.length > 0) return fitting(nearest(branches, value), value);
  const properties = propertiesOf(schema);
  if (Object.keys(properties).length > 0)
    return isJsonObject(value) ? fieldsOf(properties, value) : undefined;
  const types = [schema.type].flat();
  if (Array.isArray(value)) {
    if (!types.includes('array') && schema.type !== undefined) return undefined;
    const items = (isJsonObject(schema.items) ? schema.items : {}) as JsonSchema;
    return value.map((one) => fitting(items, one)).filter((one) => one !== undefined);
  }
  if (schema.type === undefined) return withoutHidden(value);
  if (typeof value === 'number')
    return types.includes('number') || types.includes('integer') ? value : undefined;
  if (typeof value === 'bigint') return types.includes('integer') ? value : undefined;
  return types.includes(typeof value) ? withoutHidden(value) : undefined;
}

function fieldsOf(properties: Readonly<Record<string, JsonSchema>>, value: Fields): Fields {
  const fields = Object.entries(properties).flatMap(([name, schema]): [string, unknown][] => {
    const field = Object.hasOwn(value, name) ? fitting(schema, value[name]) : undefined;
    return field === undefined ? [] : [[name, field]];
  });
  return Object.fromEntries(fields);
}

/** The form that has most of the fields of a value. */
function nearest(branches: readonly JsonSchema[], value: unknown): JsonSchema {
  const score = (schema: JsonSchema) => {
    if (!isJsonObject(value)) return [schema.type].flat().includes(kindOf(value)) ? 1 : 0;
    const names = Object.keys(propertiesOf(schema));
    const known = names.filter((name) => Object.hasOwn(value, name)).length;
    const lacking = [...requiredOf(schema)].filter((name) => !Object.hasOwn(value, name)).length;
    return known - 2 * lacking;
  };
  return [...branches].sort((one, other) => score(other) - score(one))[0] ?? {};
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function withoutHidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== REDACTED).map(withoutHidden);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== REDACTED)
      .map(([name, one]) => [name, withoutHidden(one)]),
  );
}

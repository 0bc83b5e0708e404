import { exactJson } from '../shared/exact-json.js';
import { isJsonObject } from '../shared/json-object.js';
import { escaped, levelsOf } from '../shared/json-pointer.js';
import { propertiesOf, requiredOf } from './form-schema.js';
import type { Operation } from './operation.js';
import { fieldsTogether } from './validation/rules-across-fields.js';

// What a person has changed in a body, and what is sent of it.

/** A field of a body that another value was given. */
export interface ChangedField {
  /** JSON Pointer within the body. */
  path: string;
  /** Undefined where it had none, or where it is not known. */
  before: unknown;
  /** Undefined where it has none any more. */
  after: unknown;
}

/** Whether two values are the same in JSON, where the order of fields means nothing. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((entry, place) => isSameValue(entry, other[place]));
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isSameValue(one[name], other[name]));
}

/** The fields that differ, each list as a whole. A field that is there without a value is as one that is not there. */
export function changedFields(before: unknown, after: unknown, path = ''): ChangedField[] {
  if (isSameValue(before, after)) return [];
  if (!isJsonObject(after) || !(before === undefined || isJsonObject(before)))
    return [{ path, before, after }];
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])];
  if (names.length === 0) return [{ path, before, after }];
  return names.flatMap((name) => changedFields(before?.[name], after[name], `${path}/${escaped(name)}`));
}

/** A copy of a body with other values for some fields. */
export function withFields(body: unknown, fields: readonly ChangedField[]): unknown {
  return fields.reduce<unknown>(
    (whole, { path, after }) => (path === '' ? after : put(whole, levelsOf(path), after)),
    body,
  );
}

function put(whole: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const fields = isJsonObject(whole) ? whole : {};
  const next = put(fields[name], rest, value);
  if (next !== undefined) return { ...fields, [name]: next };
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
}

/**
 * The body that is sent so that a gateway gets from `before` to `after`. PATCH takes the changed fields alone: each as a whole, with those
 * that the API asks for in any case, and with those that a rule looks at together with them. PUT takes all of the body.
 */
export function bodyToSend(
  { method, bodySchema }: Pick<Operation, 'method' | 'bodySchema'>,
  before: unknown,
  after: unknown,
): unknown {
  if (method !== 'PATCH' || bodySchema === null || !isJsonObject(before) || !isJsonObject(after))
    return after;
  const [only, ...others] = Object.entries(propertiesOf(bodySchema));
  if (only?.[0] === 'data' && others.length === 0)
    return { ...after, data: bodyToSend({ method, bodySchema: only[1] }, before.data, after.data) };
  const changed = Object.keys(after).filter((name) => !isSameValue(before[name], after[name]));
  const sent = changed.length === 0 ? new Set<string>() : fieldsTogether(new Set(changed));
  const required = requiredOf(bodySchema);
  const isFixed = (name: string) => propertiesOf(bodySchema)[name]?.const !== undefined;
  return Object.fromEntries(
    Object.entries(after).filter(([name]) => sent.has(name) || required.has(name) || isFixed(name)),
  );
}

/** The present values of several gateways in one body. */
export interface TogetherBody {
  /** What all of them have. */
  common: unknown;
  /** Where they differ: the values by JSON Pointer, in the order of the gateways, each once. */
  differing: Record<string, unknown[]>;
}

/** Compares bodies. A field in which they differ is in no common body, a list as a whole. */
export function togetherOf(bodies: readonly unknown[], path = ''): TogetherBody {
  const [first, ...others] = bodies;
  if (others.every((other) => isSameValue(first, other))) return { common: first, differing: {} };
  if (!bodies.every(isJsonObject)) {
    const once = new Map(bodies.map((one) => [one === undefined ? '' : exactJson(one), one]));
    return { common: undefined, differing: { [path]: [...once.values()] } };
  }
  const names = [...new Set(bodies.flatMap((one) => Object.keys(one)))];
  const fields = names.map(
    (name) =>
      [
        name,
        togetherOf(
          bodies.map((one) => one[name]),
          `${path}/${escaped(name)}`,
        ),
      ] as const,
  );
  return {
    common: Object.fromEntries(
      fields.filter(([, { common }]) => common !== undefined).map(([name, { common }]) => [name, common]),
    ),
    differing: Object.assign(
      {},
      ...fields.map(([, { differing }]) => differing),
    ) as TogetherBody['differing'],
  };
}

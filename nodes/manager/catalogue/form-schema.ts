import { levelsOf } from '../shared/json-pointer.js';
import type { JsonSchema } from './operation.js';

// How a form for a JSON Schema behaves, for the forms of both the editor and the dashboard.

/** The initial value of a field that a person adds: its default, or else the simplest value of its type. */
export function startOf(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const [branch] = branchesOf(schema);
  if (branch !== undefined) return startOf(branch);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return [];
  if (type === 'boolean') return false;
  if (type === 'integer' || type === 'number') return typeof schema.minimum === 'number' ? schema.minimum : 0;
  if (type === 'string') return '';
  const properties = propertiesOf(schema);
  return Object.fromEntries([...requiredOf(schema)].map((name) => [name, startOf(properties[name] ?? {})]));
}

/**
 * The beginning of a value that a person is to give: what the API leaves no choice about, and the fields around what is blank. Undefined
 * is blank, also within an object: a person who has not chosen has chosen nothing.
 */
export function blankOf(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  const [branch] = branchesOf(schema);
  if (branch !== undefined) return blankOf(branch);
  const properties = propertiesOf(schema);
  if (schema.type !== 'object' && Object.keys(properties).length === 0) return undefined;
  const fields = [...requiredOf(schema)].map((name) => [name, blankOf(properties[name] ?? {})] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

/** The body with which a form begins: a list begins without entries, since a body cannot be blank. */
export function blankBody(schema: JsonSchema): unknown {
  return blankOf(schema) ?? ([schema.type].flat().includes('array') ? [] : {});
}

/**
 * The label of a value within a body, by its JSON Pointer: `Time synchronisation › Server`. `label` names one field, in the language of the
 * reader.
 */
export function labelWithin(schema: JsonSchema, pointer: string, label = titleOf): string {
  const labels: string[] = [];
  let at: JsonSchema | undefined = schema;
  for (const name of levelsOf(pointer)) {
    const isEntry = typeof at?.items === 'object' && /^\d+$/.test(name);
    if (isEntry) {
      at = at!.items as JsonSchema;
      labels.push(String(Number(name) + 1));
      continue;
    }
    const holders: JsonSchema[] = at === undefined ? [] : [at, ...branchesOf(at)];
    at = holders.map((one) => propertiesOf(one)[name]).find((one) => one !== undefined);
    // An envelope says nothing to a person.
    if (!(name === 'data' && labels.length === 0)) labels.push(label(at ?? {}, name));
  }
  return labels.join(' › ');
}

/** The label of a field: its title, or else its name, with the unit. */
export function titleOf(schema: JsonSchema, name: string): string {
  const title = typeof schema.title === 'string' ? schema.title : name;
  return typeof schema.unit === 'string' ? `${title} (${schema.unit})` : title;
}

/** The alternative forms of a value, each with the fields that all of them share; empty where a value has only one form. */
export function branchesOf(schema: JsonSchema): JsonSchema[] {
  const branches = listedIn(schema);
  const shared = propertiesOf(schema);
  if (Object.keys(shared).length === 0) return branches;
  return branches.map((branch) => ({
    ...branch,
    properties: together(shared, propertiesOf(branch)),
    required: [...new Set([...requiredOf(schema), ...requiredOf(branch)])],
  }));
}

function listedIn({ anyOf, oneOf, allOf }: JsonSchema): JsonSchema[] {
  const branches = anyOf ?? oneOf;
  if (Array.isArray(branches)) return branches as JsonSchema[];
  return (
    partsOf(allOf)
      .map(listedIn)
      .find((found) => found.length > 0) ?? []
  );
}

/** The label of one of several forms: its title, or else its fields, its type or its number. `index` counts from 0. */
export function branchName(branch: JsonSchema, index: number): string {
  if (typeof branch.title === 'string') return branch.title;
  const names = Object.keys(propertiesOf(branch));
  return names.length > 0 ? names.slice(0, 6).join(', ') : String(branch.type ?? index + 1);
}

/** The index of the form for which a value seems to be meant; 0 where it looks like none of them. */
export function branchOf(branches: readonly JsonSchema[], value: unknown): number {
  return Math.max(
    0,
    branches.findIndex((branch) => isLike(branch, value)),
  );
}

/** The schemas of the fields of a value, including those from all parts of `allOf`. */
export function propertiesOf({ properties, allOf }: JsonSchema): Record<string, JsonSchema> {
  const own = (properties ?? {}) as Record<string, JsonSchema>;
  return partsOf(allOf).length === 0 ? own : [...partsOf(allOf).map(propertiesOf), own].reduce(together);
}

/** The names of the required fields, including those from all parts of `allOf`. */
export function requiredOf({ required, allOf }: JsonSchema): Set<string> {
  const own = (required as string[] | undefined) ?? [];
  return new Set([...partsOf(allOf).flatMap((part) => [...requiredOf(part)]), ...own]);
}

function partsOf(allOf: unknown): JsonSchema[] {
  return Array.isArray(allOf) ? (allOf as JsonSchema[]) : [];
}

/** Merges two sets of fields. A field in both gets the keywords of both schemas; `other` takes precedence. */
function together(
  one: Record<string, JsonSchema>,
  other: Record<string, JsonSchema>,
): Record<string, JsonSchema> {
  const both = Object.entries(other).map(([name, schema]): [string, JsonSchema] => [
    name,
    Object.hasOwn(one, name) ? { ...one[name], ...schema } : schema,
  ]);
  return { ...one, ...Object.fromEntries(both) };
}

/** A copy of `whole` with one property set, or without it where `value` is undefined; the others keep their order. */
export function withProperty(
  whole: Record<string, unknown>,
  name: string,
  value: unknown,
): Record<string, unknown> {
  if (value === undefined) return Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name));
  if (!Object.hasOwn(whole, name)) return { ...whole, [name]: value };
  return Object.fromEntries(Object.entries(whole).map(([key, old]) => [key, key === name ? value : old]));
}

function isLike(branch: JsonSchema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const types = [branch.type].flat();
    const type = Array.isArray(value) ? 'array' : typeof value;
    return types.includes(type) || (type === 'number' && types.includes('integer'));
  }
  const properties = propertiesOf(branch);
  return (
    [...requiredOf(branch)].every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(
      ([name, field]) => Object.hasOwn(properties, name) && mayBe(properties[name] ?? {}, field),
    )
  );
}

/** False where a field has fixed choices and the value is none of them, so that it belongs to another form. */
function mayBe({ const: only, enum: choices }: JsonSchema, value: unknown): boolean {
  if (typeof value === 'object') return true;
  if (only !== undefined) return only === value;
  return !Array.isArray(choices) || choices.includes(value);
}

/** The bounds of a value in words for a person, such as `1 – 65535`, or what its pattern requires; "" where it has none. */
export function boundsOf({ minimum, maximum, patternTitle }: JsonSchema): string {
  if (typeof minimum === 'number' && typeof maximum === 'number') return `${minimum} – ${maximum}`;
  if (typeof minimum === 'number') return `≥ ${minimum}`;
  if (typeof maximum === 'number') return `≤ ${maximum}`;
  return typeof patternTitle === 'string' ? patternTitle : '';
}

import type { JsonSchema } from './catalogue.js';

// How a form for a JSON Schema behaves, whoever draws it.

/** What a value begins with when it is added. */
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

/** What a field is called: its title, with its unit. */
export function titleOf(schema: JsonSchema, name: string): string {
  const title = typeof schema.title === 'string' ? schema.title : name;
  return typeof schema.unit === 'string' ? `${title} (${schema.unit})` : title;
}

/** The forms that a value may have; none where it has one. */
export function branchesOf(schema: JsonSchema): JsonSchema[] {
  const branches = schema.anyOf ?? schema.oneOf;
  return Array.isArray(branches) ? (branches as JsonSchema[]) : [];
}

/** What one of several forms is called; `index` is its place among them. */
export function branchName(branch: JsonSchema, index: number): string {
  if (typeof branch.title === 'string') return branch.title;
  const names = Object.keys(propertiesOf(branch));
  return names.length > 0 ? names.slice(0, 6).join(', ') : String(branch.type ?? index + 1);
}

/** The place of the form that a value looks as if it was meant for; the first where there is none. */
export function branchOf(branches: readonly JsonSchema[], value: unknown): number {
  return Math.max(
    0,
    branches.findIndex((branch) => isLike(branch, value)),
  );
}

export function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema.properties ?? {}) as Record<string, JsonSchema>;
}

export function requiredOf(schema: JsonSchema): Set<string> {
  return new Set((schema.required as string[] | undefined) ?? []);
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

/** False where a field has its choices, and the value is none of them: it belongs to another form. */
function mayBe({ const: only, enum: choices }: JsonSchema, value: unknown): boolean {
  if (typeof value === 'object') return true;
  if (only !== undefined) return only === value;
  return !Array.isArray(choices) || choices.includes(value);
}

/** What a value must keep to, for a person: `1 – 65535`, or what its pattern wants; "" where there is nothing to say. */
export function boundsOf({ minimum, maximum, patternTitle }: JsonSchema): string {
  if (typeof minimum === 'number' && typeof maximum === 'number') return `${minimum} – ${maximum}`;
  if (typeof minimum === 'number') return `≥ ${minimum}`;
  if (typeof maximum === 'number') return `≤ ${maximum}`;
  return typeof patternTitle === 'string' ? patternTitle : '';
}

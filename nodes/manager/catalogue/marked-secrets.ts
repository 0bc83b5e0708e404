import type { SecretLevels } from '../shared/redact-path.js';
import { bareName } from '../shared/secret-names.js';
import type { JsonSchema, Operation } from './operation.js';
import { subschemas } from './validation/subschemas.js';

const ofOperation = new WeakMap<Operation, ReadonlySet<string>>();
const ofSchema = new WeakMap<JsonSchema, ReadonlySet<string>>();

/** Whether a schema marks its value as a secret. */
export function isMarked(schema: JsonSchema): boolean {
  return schema.format === 'password' || schema.writeOnly === true;
}

/** The folded names of the fields that a schema marks as secrets, at any depth. */
export function namesIn(schema: JsonSchema): ReadonlySet<string> {
  const known = ofSchema.get(schema);
  if (known !== undefined) return known;
  const names = new Set(marks(schema, ''));
  ofSchema.set(schema, names);
  return names;
}

/** The folded names of all fields that an operation marks as secrets in its body, its answer and its parameters. */
export function namesOf(operation: Operation): ReadonlySet<string> {
  const known = ofOperation.get(operation);
  if (known !== undefined) return known;
  const { bodySchema, answerSchema, parameters } = operation;
  const names = new Set<string>();
  for (const schema of [bodySchema, answerSchema]) {
    if (schema !== null) for (const name of namesIn(schema)) names.add(name);
  }
  for (const { name, schema } of parameters) if (isMarked(schema)) names.add(bareName(name));
  ofOperation.set(operation, names);
  return names;
}

/** Which levels of an operation's path are secrets, by the schemas of its parameters; null where no operation is known. */
export function secretLevels(operation: Operation | null): SecretLevels | null {
  if (operation === null) return null;
  const marked = operation.parameters.filter((one) => one.in === 'path' && isMarked(one.schema));
  return { template: operation.path, parameters: marked.map(({ name }) => name) };
}

/** Yields the names of marked fields. A mark below a field, such as on the entries of a list, counts for the field. */
function* marks(schema: JsonSchema, field: string): Generator<string> {
  if (isMarked(schema) && field !== '') yield field;
  for (const [[keyword, name = ''], inner] of subschemas(schema)) {
    if (keyword !== 'not') yield* marks(inner, keyword === 'properties' ? bareName(name) : field);
  }
}

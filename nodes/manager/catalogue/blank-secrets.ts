import { redact } from '../shared/redact.js';
import { bareName, isSecretName } from '../shared/secret-names.js';
import { isMarked, namesOf } from './marked-secrets.js';
import type { JsonSchema, Operation } from './operation.js';
import { isSchema } from './validation/subschemas.js';

/** The keywords in which a schema shows a value. */
const SHOWN = new Set(['default', 'example', 'examples']);
/** The keywords whose content is values and no schemas. */
const VALUES = new Set(['const', 'enum', 'required']);
const NAMED = new Set(['properties', 'patternProperties', 'definitions', 'dependencies']);

/**
 * Returns a copy of a custom operation in which secrets in examples and schemas are empty, as in an unfilled form. Operations
 * are stored in this form, since everybody who may read the catalogue sees the examples.
 */
export function withoutSecrets(operation: Operation): Operation {
  const names = namesOf(operation);
  const { bodyExample, answerExample, bodySchema, answerSchema, parameters } = operation;
  const shownBy = (schema: JsonSchema | null) => (schema === null ? null : schemaWithout(schema, '', names));
  return {
    ...operation,
    bodySchema: shownBy(bodySchema),
    answerSchema: shownBy(answerSchema),
    parameters: parameters.map((one) => ({ ...one, schema: schemaWithout(one.schema, one.name, names) })),
    bodyExample: blanked(bodyExample, names),
    answerExample: blanked(answerExample, names),
  };
}

/** Removes the shown values from the schema of a secret field; in other schemas, only secrets within the values are emptied. */
function schemaWithout(schema: JsonSchema, field: string, names: ReadonlySet<string>): JsonSchema {
  const isSecret = isMarked(schema) || isHidden(field, names);
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (SHOWN.has(keyword)) return isSecret ? [] : [[keyword, blanked(value, names)]];
    if (NAMED.has(keyword) && isSchema(value)) {
      const named = Object.entries(value).map(([name, inner]) => [
        name,
        isSchema(inner) ? schemaWithout(inner, name, names) : inner,
      ]);
      return [[keyword, Object.fromEntries(named)]];
    }
    if (VALUES.has(keyword)) return [[keyword, value]];
    return [[keyword, within(value, isSecret ? field : '', names)]];
  });
  return Object.fromEntries(entries);
}

/** Treats the schemas of entries and alternatives as the field itself: if it is a secret, they are too. */
function within(value: unknown, field: string, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => within(one, field, names));
  return isSchema(value) ? schemaWithout(value, field, names) : value;
}

function isHidden(name: string, names: ReadonlySet<string>): boolean {
  return isSecretName(name) || names.has(bareName(name));
}

function blanked(value: unknown, names: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return redact(value) === value ? value : '';
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => blanked(element, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      return [name, isHidden(name, names) ? empty(field) : blanked(field, names)];
    }),
  );
}

function empty(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (typeof value === 'number') return 0;
  if (Array.isArray(value)) return [];
  return typeof value === 'object' && value !== null ? {} : value;
}

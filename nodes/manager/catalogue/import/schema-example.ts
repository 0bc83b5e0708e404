import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';

/** What a schema says of its values: defaults, the only choice. Undefined where it says nothing; nothing is made up. */
export function exampleOf({ default: usual, const: only, enum: choices, properties }: JsonSchema): unknown {
  if (usual !== undefined) return usual;
  if (only !== undefined) return only;
  if (Array.isArray(choices) && choices.length === 1) return choices[0];
  if (!isSchema(properties)) return undefined;
  const fields = Object.entries(properties)
    .map(([name, field]) => [name, isSchema(field) ? exampleOf(field) : undefined])
    .filter(([, value]) => value !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

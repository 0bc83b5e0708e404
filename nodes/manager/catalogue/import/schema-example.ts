import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';

/**
 * An example made of defaults and of values that are the only choice; undefined where the schema has none. It invents nothing.
 */
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

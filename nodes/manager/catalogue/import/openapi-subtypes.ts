import { escaped } from '../../shared/json-pointer.js';
import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { NotReadable, type Refs } from './openapi-refs.js';

/** Finds the places of all schemas that extend the schema at `place` by an `allOf`, directly or through others. */
export type Subtypes = (place: string) => readonly string[];

/** Creates the search for subtypes in a document. In OpenAPI, a schema extends each schema to which its `allOf` refers. */
export function createSubtypes(document: JsonSchema, refs: Refs): Subtypes {
  let direct: Map<string, string[]> | undefined;
  return (place) => {
    direct ??= directly(document, refs);
    const found = new Set<string>();
    const waiting = [place];
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      for (const child of direct.get(one) ?? []) {
        if (child === place || found.has(child)) continue;
        found.add(child);
        waiting.push(child);
      }
    }
    return [...found];
  };
}

function directly({ components }: JsonSchema, refs: Refs): Map<string, string[]> {
  const children = new Map<string, string[]>();
  const schemas = isSchema(components) && isSchema(components.schemas) ? components.schemas : {};
  for (const [name, schema] of Object.entries(schemas)) {
    const parts = isSchema(schema) && Array.isArray(schema.allOf) ? schema.allOf : [];
    const place = `/components/schemas/${escaped(name)}`;
    for (const part of parts) {
      const base = placeOf(refs, part);
      if (base !== null) children.set(base, [...(children.get(base) ?? []), place]);
    }
  }
  return children;
}

/** The place to which a reference leads; null for a schema that is no reference, or whose reference leads nowhere. */
export function placeOf(refs: Refs, schema: unknown): string | null {
  if (!isSchema(schema) || typeof schema.$ref !== 'string') return null;
  try {
    return refs.lookUp(schema.$ref).place;
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

/** Makes a reference to a place, given as a JSON Pointer. */
export function refTo(place: string): { $ref: string } {
  return { $ref: `#${place.split('/').map(encodeURIComponent).join('/')}` };
}

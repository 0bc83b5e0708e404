import { escaped } from '../../shared/json-pointer.js';
import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { NotReadable, type Refs } from './openapi-refs.js';

/** Finds the schemas that build upon one: by its place the places of all that have it in their `allOf`, and of what builds upon those. */
export type Subtypes = (place: string) => readonly string[];

/** The inheritance of a document, as OpenAPI has it: a schema builds upon each one that its `allOf` refers to. */
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

/** Where a reference leads; null for what is none, or leads nowhere. */
export function placeOf(refs: Refs, schema: unknown): string | null {
  if (!isSchema(schema) || typeof schema.$ref !== 'string') return null;
  try {
    return refs.lookUp(schema.$ref).place;
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

/** A reference to a place of the document. */
export function refTo(place: string): { $ref: string } {
  return { $ref: `#${place.split('/').map(encodeURIComponent).join('/')}` };
}

import type { JsonSchema } from './catalogue.js';
import type { Notes } from './note-list.js';
import type { Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';
import { isSchema } from './subschemas.js';

const LONGEST_TITLE = 100;

/** Which value of a property means which of several schemas. */
export interface Tags {
  property: string;
  /** The values that mean a branch; none where nothing is said of it. */
  of(branch: unknown): string[];
}

/**
 * What the `discriminator` of a schema says of its alternatives: by its mapping, else by the name of the schema that a branch
 * refers to. Null where it says nothing; what of it cannot be followed is noted.
 */
export function tagsOf(
  reading: Reading,
  { discriminator, oneOf, anyOf }: JsonSchema,
  place: string,
  { notes, isPart }: { notes: Notes; isPart: boolean },
): Tags | null {
  if (discriminator === undefined) return null;
  if (!isSchema(discriminator) || typeof discriminator.propertyName !== 'string') {
    const value = JSON.stringify(discriminator)?.slice(0, 60) ?? '';
    notes.add(place, 'keyword-value', { name: 'discriminator', value });
    return null;
  }
  const { propertyName: property } = discriminator;
  const branches = [oneOf, anyOf].flatMap((list) => (Array.isArray(list) ? list : []));
  if (branches.length === 0) {
    if (!isPart) notes.add(place, 'discriminator-alone', { name: property });
    return null;
  }
  const { mapped, isWhole } = mappedTo(reading, discriminator.mapping, place, notes);
  const places = new Set(branches.map((branch) => placeOf(reading, branch)));
  for (const [target, values] of mapped) {
    if (places.has(target)) continue;
    const reason = 'it is none of the schemas that are listed';
    for (const value of values) notes.add(place, 'discriminator-mapping', { value, reason });
  }
  return {
    property,
    of(branch) {
      const target = placeOf(reading, branch);
      const named = target === null ? undefined : mapped.get(target);
      if (named !== undefined) return named;
      const [, name] = /^\/components\/schemas\/([^/]+)$/.exec(target ?? '') ?? [];
      // Where a part of the mapping leads nowhere, that may be what is meant by it.
      if (name !== undefined && isWhole) return [unescaped(name)];
      // One that is written here is not meant by any value, as the standard has it.
      if (target !== null) notes.add(place, 'discriminator-name', { name: property });
      return [];
    },
  };
}

/** A branch that holds of values with its own tags alone. */
export function tagged({ property, of }: Tags, branch: unknown, converted: JsonSchema): JsonSchema {
  const values = of(branch);
  if (values.length === 0) return converted;
  const properties = isSchema(converted.properties) ? converted.properties : {};
  const own = Object.hasOwn(properties, property) ? properties[property] : {};
  const { const: _only, ...rules } = isSchema(own) ? own : {};
  const required = Array.isArray(converted.required) ? converted.required : [];
  return {
    // What it is called among the others.
    title: values.join(', ').slice(0, LONGEST_TITLE),
    ...converted,
    properties: { ...properties, [property]: { ...rules, enum: values } },
    required: [...new Set([...required, property])],
  };
}

/** By the place of the schema, the values that mean it; whether all of them lead to one. */
interface Mapped {
  mapped: Map<string, string[]>;
  isWhole: boolean;
}

function mappedTo(reading: Reading, mapping: unknown, place: string, notes: Notes): Mapped {
  const mapped = new Map<string, string[]>();
  if (mapping === undefined) return { mapped, isWhole: true };
  if (!isSchema(mapping)) {
    notes.add(place, 'keyword-value', { name: 'mapping', value: JSON.stringify(mapping).slice(0, 60) });
    return { mapped, isWhole: false };
  }
  let isWhole = true;
  for (const [value, target] of Object.entries(mapping)) {
    try {
      const found = targetOf(reading, target);
      mapped.set(found, [...(mapped.get(found) ?? []), value]);
    } catch (error) {
      if (!(error instanceof NotReadable)) throw error;
      isWhole = false;
      notes.add(place, 'discriminator-mapping', { value, reason: error.message });
    }
  }
  return { mapped, isWhole };
}

/** The name of a schema, or a reference. */
function targetOf({ refs, document }: Reading, target: unknown): string {
  if (typeof target !== 'string') throw new NotReadable('it is no text');
  const { components } = document;
  const schemas = isSchema(components) && isSchema(components.schemas) ? components.schemas : {};
  const isName = Object.hasOwn(schemas, target);
  return refs.lookUp(isName ? `#/components/schemas/${encodeURIComponent(escapedName(target))}` : target)
    .place;
}

function placeOf({ refs }: Reading, branch: unknown): string | null {
  if (!isSchema(branch) || typeof branch.$ref !== 'string') return null;
  try {
    return refs.lookUp(branch.$ref).place;
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

function escapedName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(level: string): string {
  return level.replaceAll('~1', '/').replaceAll('~0', '~');
}

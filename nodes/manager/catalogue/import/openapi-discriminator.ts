import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { type Notes, valueText } from './note-list.js';
import type { Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';
import { placeOf, refTo } from './openapi-subtypes.js';

const MAX_TITLE_LENGTH = 100;

/** Which value of a property means which of several schemas. */
export interface Tags {
  property: string;
  /** The schemas that are meant: those that are listed, or those that build upon the one that has the discriminator. */
  branches: readonly unknown[];
  /** They build upon this place. */
  base: string | null;
  of(branch: unknown): Tag;
}

/** The values that mean a branch; none where nothing is said of it. */
interface Tag {
  values: readonly unknown[];
  /** By the mapping, and not by the name of the schema. */
  isMapped: boolean;
}

interface Where {
  place: string;
  notes: Notes;
  /** Of a value that is told apart already: those that build upon it are not meant. */
  isPart: boolean;
  /** Whether those that build upon it can be had. */
  hasSubtypes: boolean;
}

/**
 * What the `discriminator` of a schema says of its alternatives, or else of the schemas that have it in their `allOf`: by its
 * mapping, else by the name of the schema. Null where it says nothing; what of it cannot be followed is noted.
 */
export function tagsOf(reading: Reading, schema: JsonSchema, where: Where): Tags | null {
  const { place, notes } = where;
  const { discriminator, oneOf, anyOf } = schema;
  if (discriminator === undefined) return null;
  if (!isSchema(discriminator) || typeof discriminator.propertyName !== 'string') {
    notes.add(place, 'keyword-value', { name: 'discriminator', value: valueText(discriminator) });
    return null;
  }
  const { propertyName: property, mapping } = discriminator;
  const listed = [oneOf, anyOf].flatMap((list) => (Array.isArray(list) ? list : []));
  if (listed.length === 0 && where.isPart) return null;
  const { mapped, isWhole } = mappedTo(reading, mapping, place, notes);
  const others = where.hasSubtypes ? subtypesOf(reading, place, mapped, mapping === undefined) : [];
  const branches = listed.length > 0 ? listed : others;
  if (branches.length === 0) {
    notes.add(place, 'discriminator-alone', { name: property });
    return null;
  }
  const places = new Set(branches.map((branch) => placeOf(reading.refs, branch)));
  for (const [target, values] of mapped) {
    if (places.has(target)) continue;
    const reason = 'it is none of the schemas that are listed';
    for (const value of values) notes.add(place, 'discriminator-mapping', { value, reason });
  }
  const allowed = choicesOf(schema, property);
  return {
    ...{ property, branches, base: listed.length > 0 ? null : place },
    of(branch) {
      const target = placeOf(reading.refs, branch);
      const named = target === null ? undefined : mapped.get(target);
      if (named !== undefined) return { values: named, isMapped: true };
      const [, name] = /^\/components\/schemas\/([^/]+)$/.exec(target ?? '') ?? [];
      // Where a part of the mapping leads nowhere, that may be what is meant by it.
      if (name !== undefined && isWhole) {
        const own = reading.refs.follow(branch, place).value;
        const value = (isSchema(own) && own[VALUE_OF_OTHERS]) || unescaped(name);
        if (allowed === null || allowed.includes(value)) return { values: [value], isMapped: false };
      }
      // One that is written here is not meant by any value, as the standard has it.
      if (target !== null) notes.add(place, 'discriminator-name', { name: property });
      return { values: [], isMapped: false };
    },
  };
}

/** What a schema that builds upon another is called there, where it is not by its own name: many documents have it. */
const VALUE_OF_OTHERS = 'x-ms-discriminator-value';

/** What builds upon a schema, what its mapping names, and itself where no mapping says otherwise; none where it is alone. */
function subtypesOf(
  { subtypes }: Reading,
  place: string,
  mapped: ReadonlyMap<string, string[]>,
  isItself: boolean,
): { $ref: string }[] {
  const others = new Set([...subtypes(place), ...mapped.keys()]);
  others.delete(place);
  if (others.size === 0) return [];
  return [...(isItself || mapped.has(place) ? [place] : []), ...others].map(refTo);
}

/** A branch that holds of values with its own tags alone. */
export function tagged({ property, of }: Tags, branch: unknown, converted: JsonSchema): JsonSchema {
  const { values: said, isMapped } = of(branch);
  const properties = isSchema(converted.properties) ? converted.properties : {};
  const choices = isMapped ? null : choicesOf(converted, property);
  // A schema that names its only value means that one, whatever it is called itself.
  const values = choices === null || choices.some((one) => said.includes(one)) ? said : choices;
  if (values.length === 0) return converted;
  const own = Object.hasOwn(properties, property) ? properties[property] : {};
  const { const: _only, ...rules } = isSchema(own) ? own : {};
  const required = Array.isArray(converted.required) ? converted.required : [];
  return {
    // What it is called among the others.
    title: values.join(', ').slice(0, MAX_TITLE_LENGTH),
    ...converted,
    properties: { ...properties, [property]: { ...rules, enum: values } },
    required: [...new Set([...required, property])],
  };
}

/** The values that a property may have, by the schema or a part of it; null where they are not counted. */
function choicesOf({ properties, allOf }: JsonSchema, property: string): unknown[] | null {
  const own = isSchema(properties) && Object.hasOwn(properties, property) ? properties[property] : null;
  if (isSchema(own) && own.const !== undefined) return [own.const];
  if (isSchema(own) && Array.isArray(own.enum)) return own.enum;
  for (const part of Array.isArray(allOf) ? allOf : []) {
    const choices = isSchema(part) ? choicesOf(part, property) : null;
    if (choices !== null) return choices;
  }
  return null;
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
    notes.add(place, 'keyword-value', { name: 'mapping', value: valueText(mapping) });
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

function escapedName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(level: string): string {
  return level.replaceAll('~1', '/').replaceAll('~0', '~');
}

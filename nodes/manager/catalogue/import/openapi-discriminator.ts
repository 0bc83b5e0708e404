import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { type Notes, valueText } from './note-list.js';
import type { Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';
import { placeOf, refTo } from './openapi-subtypes.js';

const MAX_TITLE_LENGTH = 100;

/** A discriminator: which value of a property selects which of several schemas. */
export interface Tags {
  property: string;
  /** The alternatives: the schemas listed beside the discriminator, or else the subtypes of the schema that has it. */
  branches: readonly unknown[];
  /** The place of the schema whose subtypes the branches are; null where the branches were listed. */
  base: string | null;
  of(branch: unknown): Tag;
}

/** The values that select a branch; empty where the document has none. */
interface Tag {
  values: readonly unknown[];
  /** The values come from the mapping, and not from the name of the schema. */
  isMapped: boolean;
}

interface Where {
  place: string;
  notes: Notes;
  /** The schema is a part of an `allOf`, so its subtypes are no alternatives there. */
  isPart: boolean;
  /** Whether subtypes may be used; false where they are too much. */
  hasSubtypes: boolean;
}

/**
 * Reads the `discriminator` of a schema, for the alternatives listed beside it, or else for the schemas that have the schema in
 * their `allOf`. Values come from its mapping, or else from the names of the schemas. Null where there is no usable
 * discriminator; what cannot be used is noted.
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
      // If a part of the mapping leads nowhere, it may have meant this schema, so the name of the schema is not used.
      if (name !== undefined && isWhole) {
        const own = reading.refs.follow(branch, place).value;
        const value = (isSchema(own) && own[VALUE_OF_OTHERS]) || unescaped(name);
        if (allowed === null || allowed.includes(value)) return { values: [value], isMapped: false };
      }
      // By the standard, no value selects a schema that is written inline, so only one with a reference needs a note.
      if (target !== null) notes.add(place, 'discriminator-name', { name: property });
      return { values: [], isMapped: false };
    },
  };
}

/** An extension that many documents have: the value that selects a subtype, where that is not the name of its schema. */
const VALUE_OF_OTHERS = 'x-ms-discriminator-value';

/**
 * References to the subtypes of a schema and to the schemas of its mapping. The schema itself is included if `isItself`, or if
 * the mapping has it. Empty where there is no other schema.
 */
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

/** Restricts a converted branch to the values of the discriminator that select it; unchanged where there are none. */
export function tagged({ property, of }: Tags, branch: unknown, converted: JsonSchema): JsonSchema {
  const { values: said, isMapped } = of(branch);
  const properties = isSchema(converted.properties) ? converted.properties : {};
  const choices = isMapped ? null : choicesOf(converted, property);
  // If the schema itself lists other values for the property, those count and not its name.
  const values = choices === null || choices.some((one) => said.includes(one)) ? said : choices;
  if (values.length === 0) return converted;
  const own = Object.hasOwn(properties, property) ? properties[property] : {};
  const { const: _only, ...rules } = isSchema(own) ? own : {};
  const required = Array.isArray(converted.required) ? converted.required : [];
  return {
    // The label of the branch in a form.
    title: values.join(', ').slice(0, MAX_TITLE_LENGTH),
    ...converted,
    properties: { ...properties, [property]: { ...rules, enum: values } },
    required: [...new Set([...required, property])],
  };
}

/** The values that a schema or a part of it lists for a property; null where it lists none. */
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

/** The values that select a schema, by its place, and whether every value of the mapping leads to a schema. */
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

/** The place of a target of the mapping, which is the name of a schema or a reference. Throws NotReadable. */
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

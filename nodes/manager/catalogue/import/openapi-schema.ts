import { escaped } from '../../shared/json-pointer.js';
import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { SCHEMA_BOUNDS, whyNotKept } from '../validation/user-schema.js';
import { type Notes, valueText } from './note-list.js';
import { type Tags, tagged, tagsOf } from './openapi-discriminator.js';
import { hiddenNames, isHidden, type Purpose } from './openapi-hidden.js';
import { noteForeign, rulesOf, titleOf, typesOf } from './openapi-keywords.js';
import type { Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';
import { both, fieldsOfParts, orNull } from './openapi-together.js';

/** Within one schema, with all that its references mean. */
const MAX_SCHEMAS = 2000;
/** Within one schema, that only build upon what it names; those within others take the smaller share. */
const MAX_OF_SUBTYPES = { schemas: 500, characters: 32 * 1024 };
const SHARE = 4;
/** Of one document. */
const MAX_CONVERTED = 100_000;

/** Where a schema is written, and how it was come to. */
interface At {
  place: string;
  /** The places of the references that were followed. */
  within: readonly string[];
  depth: number;
  /** Fields of the value that are not given here, by whatever part of the schema. */
  hidden: ReadonlySet<string>;
  /** It is a part of an `allOf`: what builds upon it is not meant. */
  isPart: boolean;
  /** The places of schemas that hold of the same value already. */
  bases: readonly string[];
}

/**
 * Makes JSON Schema draft-07 of a schema of OpenAPI 3.0 or 3.1, with all references written out: one that leads back to
 * where it is found stands for anything. What is not kept, or is changed, is noted. `purpose`: what may only be read is left
 * out of a request, what may only be written is not asked of an answer. Throws NotReadable for what is not there or too large.
 */
export function toJsonSchema(
  reading: Reading,
  given: unknown,
  place: string,
  { notes, purpose }: { notes: Notes; purpose: Purpose },
): JsonSchema {
  const later = delayed(notes);
  const read = convertSchema(reading, given, place, { notes: later, purpose, hasSubtypes: true });
  // What builds upon its schemas may be too much: without it then.
  if (read.hasSubtypes && whyNotKept(read.schema) !== null)
    return convertSchema(reading, given, place, { notes, purpose, hasSubtypes: false }).schema;
  later.tell();
  return read.schema;
}

/** Notes that are told later, or never. */
function delayed(notes: Notes): Notes & { tell(): void } {
  const all: Parameters<Notes['add']>[] = [];
  return {
    add: (...note) => void all.push(note),
    list: () => [],
    tell: () => all.forEach((note) => void notes.add(...note)),
  };
}

/** Null for what cannot be read. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

interface Converted {
  schema: JsonSchema;
  /** It has schemas within that only build upon those that it names. */
  hasSubtypes: boolean;
}

/** Throws NotReadable for what is not there or too large. */
function convertSchema(
  reading: Reading,
  given: unknown,
  place: string,
  options: { notes: Notes; purpose: Purpose; hasSubtypes: boolean },
): Converted {
  const { purpose } = options;
  let { notes } = options;
  let left = MAX_SCHEMAS;
  /** Characters that subtypes may take yet. */
  let room = MAX_OF_SUBTYPES.characters;
  /** Subtypes within subtypes, now. */
  let nesting = 0;
  let found = false;

  function convert(schema: unknown, at: At): JsonSchema {
    left -= 1;
    if (left < 0) throw new NotReadable(`it has more than ${MAX_SCHEMAS} schemas within`);
    if (schema === true) return {};
    if (schema === false) return { not: {} };
    if (!isSchema(schema)) {
      notes.add(at.place, 'no-schema', { value: valueText(schema) });
      return {};
    }
    // Checked by all at once later, and deeper is nobody's form.
    if (at.depth * 2 > SCHEMA_BOUNDS.depth - 4) {
      notes.add(at.place, 'too-deep');
      return {};
    }
    const hidden = new Set([...at.hidden, ...hiddenNames(reading, schema, purpose)]);
    const here = { ...at, hidden };
    for (const keyword of ['$ref', '$dynamicRef']) {
      const ref = schema[keyword];
      if (ref === undefined) continue;
      if (typeof ref !== 'string') throw new NotReadable(`one of its references (${keyword}) is no text`);
      if (keyword !== '$ref') notes.add(at.place, 'dynamic-ref', { ref });
      return ofReference(schema, keyword, ref, here);
    }
    // Of a draft before those that OpenAPI has: the schema around it.
    if (schema.$recursiveRef !== undefined) notes.add(at.place, 'circular', { ref: '$recursiveRef' });
    return ofSchema(schema, here);
  }

  function ofReference(schema: JsonSchema, keyword: string, ref: string, at: At): JsonSchema {
    const target = reading.refs.lookUp(ref);
    if (target.place === '') throw new NotReadable(`"${ref}" is the whole document, and no schema`);
    const { [keyword]: _ref, ...beside } = schema;
    const meant = () => {
      if (at.bases.includes(target.place)) return {};
      if (at.within.includes(target.place)) {
        notes.add(at.place, 'circular', { ref });
        return {};
      }
      return convert(target.value, { ...at, place: target.place, within: [...at.within, target.place] });
    };
    if (reading.version === '3.0') {
      noteIgnored(beside, at.place);
      return meant();
    }
    return both(meant(), ofSchema(beside, at));
  }

  function noteIgnored(beside: JsonSchema, place: string): void {
    const names = Object.keys(beside).filter((name) => !isWord(name));
    if (names.length > 0) notes.add(place, 'ref-siblings', { names: names.join(', ') });
  }

  function ofSchema(schema: JsonSchema, at: At): JsonSchema {
    const below = (...levels: (string | number)[]): At => ({
      ...at,
      place: `${at.place}${levels.map((level) => `/${escaped(String(level))}`).join('')}`,
      depth: at.depth + 1,
      hidden: new Set(),
      isPart: false,
      bases: [],
    });
    /** Of the same value. */
    const beside = (...levels: (string | number)[]): At => ({
      ...below(...levels),
      ...{ hidden: at.hidden, bases: at.bases },
    });
    noteForeign(reading, schema, at.place, notes);
    const rules: JsonSchema = {
      ...titleOf(schema),
      ...typesOf(schema, at.place, notes),
      ...rulesOf(reading, schema, at.place, notes),
      ...objectRules(schema, at, below, beside),
      ...listRules(schema, at.place, below),
      ...parts(schema, at, beside),
    };
    noteClosed(rules, at.place);
    return orNull(schema, closed(schema, rules, at.place, below));
  }

  function objectRules(
    schema: JsonSchema,
    at: At,
    below: (...levels: string[]) => At,
    beside: (...levels: string[]) => At,
  ): JsonSchema {
    const rules: JsonSchema = {};
    const all = namedSchemas(schema, 'properties', at.place);
    const fields = all.filter(([, one]) => purpose !== 'request' || !isHidden(reading, one, purpose));
    if (fields.length < all.length) noteReadOnly(all, fields, at.place);
    if (fields.length > 0) {
      rules.properties = fromNames(
        fields.map(([name, one]) => [name, convert(one, below('properties', name))]),
      );
    }
    Object.assign(rules, requiredOf(schema, at));
    for (const keyword of ['patternProperties'] as const) {
      const named = namedSchemas(schema, keyword, at.place);
      if (named.length > 0)
        rules[keyword] = fromNames(named.map(([name, one]) => [name, convert(one, below(keyword, name))]));
    }
    const { additionalProperties, propertyNames } = schema;
    if (additionalProperties === false) rules.additionalProperties = false;
    else if (isSchema(additionalProperties))
      rules.additionalProperties = convert(additionalProperties, below('additionalProperties'));
    else if (additionalProperties !== undefined && additionalProperties !== true)
      noteValue('additionalProperties', additionalProperties, at.place);
    if (isAsked(propertyNames)) rules.propertyNames = convert(propertyNames, below('propertyNames'));
    const dependencies = dependenciesOf(schema, at.place, beside);
    if (Object.keys(dependencies).length > 0) rules.dependencies = dependencies;
    return rules;
  }

  function noteReadOnly(
    all: readonly [string, unknown][],
    left: readonly [string, unknown][],
    place: string,
  ): void {
    const kept = new Set(left.map(([name]) => name));
    const names = all.map(([name]) => name).filter((name) => !kept.has(name));
    notes.add(place, 'read-only', { names: names.join(', ') });
  }

  function requiredOf({ required }: JsonSchema, at: At): JsonSchema {
    // As a draft that is long gone has it: of a property, whether it is required.
    if (required === undefined) return {};
    if (!Array.isArray(required)) {
      noteValue('required', required, at.place);
      return {};
    }
    const names = required.filter((name): name is string => typeof name === 'string' && !at.hidden.has(name));
    return names.length > 0 ? { required: [...new Set(names)] } : {};
  }

  /** `dependentRequired` and `dependentSchemas` are one keyword in draft-07. */
  function dependenciesOf(
    schema: JsonSchema,
    place: string,
    beside: (...levels: string[]) => At,
  ): JsonSchema {
    const rules: [string, unknown][] = [];
    const add = (name: string, rule: unknown) => {
      const before = rules.find(([known]) => known === name);
      if (before === undefined) rules.push([name, rule]);
      else before[1] = { allOf: [before[1], rule].map(asDependency) };
    };
    for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
      const named = schema[keyword];
      if (named === undefined) continue;
      if (!isSchema(named)) {
        noteValue(keyword, named, place);
        continue;
      }
      for (const [name, rule] of Object.entries(named)) {
        if (Array.isArray(rule) && keyword !== 'dependentSchemas') {
          add(
            name,
            rule.filter((one) => typeof one === 'string'),
          );
        } else if (isAsked(rule) && keyword !== 'dependentRequired')
          add(name, convert(rule, beside(keyword, name)));
        else noteValue(keyword, rule, place);
      }
    }
    return fromNames(rules);
  }

  function listRules(schema: JsonSchema, place: string, below: (...levels: (string | number)[]) => At) {
    const rules: JsonSchema = {};
    const { items, prefixItems, contains } = schema;
    const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : null;
    if (first !== null) {
      const keyword = Array.isArray(prefixItems) ? 'prefixItems' : 'items';
      rules.items = first.map((one, index) => convert(one, below(keyword, index)));
      const rest = keyword === 'items' ? schema.additionalItems : items;
      if (rest === false) rules.additionalItems = false;
      else if (isSchema(rest)) rules.additionalItems = convert(rest, below('items'));
    } else if (isAsked(items)) rules.items = convert(items, below('items'));
    else if (items !== undefined && items !== true) noteValue('items', items, place);
    if (isAsked(contains) && schema.minContains !== 0) rules.contains = convert(contains, below('contains'));
    for (const keyword of ['minContains', 'maxContains']) {
      const isDefault = keyword === 'minContains' && (schema[keyword] === 1 || schema[keyword] === 0);
      if (schema[keyword] !== undefined && !isDefault) notes.add(place, 'keyword', { name: keyword });
    }
    return rules;
  }

  /** What of other schemas holds of the same value. */
  function parts(schema: JsonSchema, at: At, beside: (...levels: (string | number)[]) => At): JsonSchema {
    const rules: JsonSchema = {};
    const { place, isPart } = at;
    const tags = tagsOf(reading, schema, {
      ...{ place, notes, isPart },
      hasSubtypes: options.hasSubtypes && reading.converted < MAX_CONVERTED,
    });
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const branches = schema[keyword];
      if (branches === undefined) continue;
      if (!Array.isArray(branches) || branches.length === 0) {
        noteValue(keyword, branches, at.place);
        continue;
      }
      const isOfAll = keyword === 'allOf';
      rules[keyword] = branches.map((branch, index) => {
        const within = { ...beside(keyword, index), isPart: isOfAll && !isWrapper(schema, at.place) };
        const converted = convert(branch, within);
        return isOfAll || tags === null ? converted : tagged(tags, branch, converted);
      });
    }
    if (tags !== null && tags.base !== null) Object.assign(rules, subtypes(tags, schema, tags.base, beside));
    if (isAsked(schema.not)) rules.not = convert(schema.not, beside('not'));
    if (isAsked(schema.if)) {
      for (const keyword of ['if', 'then', 'else'])
        if (schema[keyword] !== undefined) rules[keyword] = convert(schema[keyword], beside(keyword));
    }
    return rules;
  }

  /** One of the schemas that build upon this one holds as well; where they are too much, or cannot be read, that is noted. */
  function subtypes(
    tags: Tags,
    schema: JsonSchema,
    base: string,
    beside: (...levels: string[]) => At,
  ): JsonSchema {
    const [outer, before] = [notes, left];
    const later = delayed(outer);
    notes = later;
    left = Math.min(left, MAX_OF_SUBTYPES.schemas);
    const from = left;
    nesting += 1;
    const rules = attempt(() => branchesOf(tags, schema, base, beside));
    nesting -= 1;
    const used = from - left;
    reading.converted += used;
    notes = outer;
    const length = rules === null ? 0 : JSON.stringify(rules).length;
    if (rules === null || length > room / SHARE ** nesting) {
      left = before;
      notes.add(base, 'discriminator-alone', { name: tags.property });
      return {};
    }
    left = before - used;
    if (nesting === 0) room -= length;
    found = true;
    later.tell();
    return rules;
  }

  function branchesOf(
    tags: Tags,
    schema: JsonSchema,
    base: string,
    beside: (...levels: string[]) => At,
  ): JsonSchema {
    const at = beside('discriminator');
    const within = { ...at, isPart: true, bases: [...at.bases, base] };
    const plain = tags.branches.map((branch) => convert(branch, within));
    const branches = plain.map((one, index) => tagged(tags, tags.branches[index], one));
    if (schema.additionalProperties === false) noteClosed({ allOf: [schema, ...plain] }, base);
    const areTold = branches.every((branch, index) => branch !== plain[index]);
    return { [areTold ? 'oneOf' : 'anyOf']: branches };
  }

  /** `unevaluated…` where all that is evaluated stands in one schema; elsewhere it is not checked. */
  function closed(
    schema: JsonSchema,
    rules: JsonSchema,
    place: string,
    below: (...levels: string[]) => At,
  ): JsonSchema {
    const { unevaluatedProperties: rest, unevaluatedItems: items } = schema;
    const result = { ...rules };
    const isAlone = ['anyOf', 'oneOf', 'if', 'dependencies', 'not'].every(
      (keyword) => rules[keyword] === undefined,
    );
    if (isAsked(rest) && schema.additionalProperties === undefined) {
      const named = isAlone ? fieldsOfParts(rules) : null;
      if (named === null) notes.add(place, 'keyword', { name: 'unevaluatedProperties' });
      else {
        if (named.length > 0) {
          const own = isSchema(rules.properties) ? rules.properties : {};
          result.properties = {
            ...own,
            ...fromNames(named.filter((name) => !Object.hasOwn(own, name)).map((name) => [name, {}])),
          };
        }
        result.additionalProperties = rest === false ? false : convert(rest, below('unevaluatedProperties'));
      }
    }
    if (isAsked(items) && schema.items === undefined) {
      if (!isAlone || rules.allOf !== undefined || !Array.isArray(rules.items) || items !== false)
        notes.add(place, 'keyword', { name: 'unevaluatedItems' });
      else result.additionalItems = false;
    }
    return result;
  }

  function noteClosed({ allOf }: JsonSchema, place: string): void {
    if (!Array.isArray(allOf) || allOf.length < 2) return;
    const fields = allOf.map((part) => Object.keys(isSchema(part?.properties) ? part.properties : {}));
    for (const [index, part] of allOf.entries()) {
      if (!isSchema(part) || part.additionalProperties !== false) continue;
      const others = fields.flat().filter((name) => !fields[index]?.includes(name));
      if (others.length > 0) notes.add(place, 'closed-branch', { names: others.slice(0, 8).join(', ') });
    }
  }

  function namedSchemas(schema: JsonSchema, keyword: string, place: string): [string, unknown][] {
    const named = schema[keyword];
    if (isSchema(named)) return Object.entries(named);
    if (named !== undefined) noteValue(keyword, named, place);
    return [];
  }

  function noteValue(name: string, value: unknown, place: string): void {
    notes.add(place, 'keyword-value', { name, value: valueText(value) });
  }

  const at = { place, within: [], depth: 0, hidden: new Set<string>(), isPart: false, bases: [] };
  return { schema: convert(given, at), hasSubtypes: found };
}

/** Of one reference, to say something beside it: what builds upon that is meant, too. A schema with a name builds upon it itself. */
function isWrapper({ allOf, properties, required }: JsonSchema, place: string): boolean {
  const isNamed = /^\/components\/schemas\/[^/]+$/.test(place);
  return (
    !isNamed &&
    Array.isArray(allOf) &&
    allOf.length === 1 &&
    properties === undefined &&
    required === undefined
  );
}

function isWord(name: string): boolean {
  return ['description', 'summary', 'title', 'example', 'examples'].includes(name) || name.startsWith('x-');
}

function isAsked(schema: unknown): boolean {
  return isSchema(schema) || schema === false;
}

function asDependency(rule: unknown): unknown {
  return Array.isArray(rule) ? { required: rule } : rule;
}

/** As Object.fromEntries; a field `__proto__` is one like others. */
function fromNames(entries: readonly (readonly [string, unknown])[]): JsonSchema {
  return Object.fromEntries(entries);
}

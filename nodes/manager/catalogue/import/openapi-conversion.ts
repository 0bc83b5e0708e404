import { escaped } from '../../shared/json-pointer.js';
import type { JsonSchema } from '../operation.js';
import { isSchema } from '../validation/subschemas.js';
import { type Notes, valueText } from './note-list.js';
import type { Purpose } from './openapi-hidden.js';
import type { Reading } from './openapi-reading.js';

/** The place of a schema in its document, and the path by which the conversion reached it. */
export interface At {
  /** JSON pointer. */
  place: string;
  /** The places of the references that were followed. */
  within: readonly string[];
  depth: number;
  /** Fields of the value that are left out here, whichever part of the schema names them. */
  hidden: ReadonlySet<string>;
  /** It is a part of an `allOf`: schemas that build upon it are not meant. */
  isPart: boolean;
  /** The places of schemas that describe the same value already. */
  bases: readonly string[];
}

/** The conversion of one schema, with what it has used of its bounds. */
export interface Conversion {
  readonly reading: Reading;
  readonly purpose: Purpose;
  /** Whether schemas that build upon the converted ones are included. */
  readonly withSubtypes: boolean;
  /** Where changes are noted; held back while it is open whether they come about. */
  notes: Notes;
  /** How many more schemas it may convert. */
  schemasLeft: number;
  /** How many characters its subtypes may still take. */
  charactersLeft: number;
  /** How many subtypes enclose the current schema. */
  nesting: number;
  /** Whether subtypes were included. */
  hasSubtypes: boolean;
  /** Converts a schema below. Throws NotReadable for what is not there or too large. */
  convert(schema: unknown, at: At): JsonSchema;
}

type Levels = readonly (string | number)[];

/** The place of a schema for a value within. */
export function below(at: At, ...levels: Levels): At {
  return {
    ...at,
    place: `${at.place}${levels.map((level) => `/${escaped(String(level))}`).join('')}`,
    depth: at.depth + 1,
    hidden: new Set(),
    isPart: false,
    bases: [],
  };
}

/** The place of another schema for the same value. */
export function beside(at: At, ...levels: Levels): At {
  return { ...below(at, ...levels), hidden: at.hidden, bases: at.bases };
}

/** Notes that are told later, or never. */
export function delayed(notes: Notes): Notes & { tell(): void } {
  const all: Parameters<Notes['add']>[] = [];
  return {
    add: (...note) => void all.push(note),
    list: () => [],
    tell: () => all.forEach((note) => void notes.add(...note)),
  };
}

/** Notes that the value of a keyword is none that it can have. */
export function noteValue({ notes }: Conversion, name: string, value: unknown, place: string): void {
  notes.add(place, 'keyword-value', { name, value: valueText(value) });
}

/** Whether a keyword that takes a schema restricts anything: `true` and what is missing do not. */
export function isRestricting(schema: unknown): boolean {
  return isSchema(schema) || schema === false;
}

/** As Object.fromEntries, typed: a field `__proto__` is one like others. */
export function fromNames(entries: readonly (readonly [string, unknown])[]): JsonSchema {
  return Object.fromEntries(entries);
}

/** Notes the parts of an `allOf` that refuse fields of the other parts. */
export function noteClosed({ notes }: Conversion, { allOf }: JsonSchema, place: string): void {
  if (!Array.isArray(allOf) || allOf.length < 2) return;
  const fields = allOf.map((part) => Object.keys(isSchema(part?.properties) ? part.properties : {}));
  for (const [index, part] of allOf.entries()) {
    if (!isSchema(part) || part.additionalProperties !== false) continue;
    const others = fields.flat().filter((name) => !fields[index]?.includes(name));
    if (others.length > 0) notes.add(place, 'closed-branch', { names: others.slice(0, 8).join(', ') });
  }
}

import type { JsonSchema } from '../operation.js';
import { whyNotStorable } from '../validation/storable-json.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { pointer } from './file-entry.js';
import type { Notes } from './note-list.js';
import { inexact } from './openapi-keywords.js';
import { follow, type Reading } from './openapi-reading.js';
import { type Found, NotReadable } from './openapi-refs.js';

const EXAMPLE_BOUNDS = { bytes: 16 * 1024, depth: 32 };

/** The content for one media type. */
export interface Media {
  type: string;
  media: JsonSchema;
  place: string;
}

/**
 * The first usable example of a content; undefined where there is none. `faultOf` returns why a value does not fit, or null. The
 * faults of unusable examples before it are noted.
 */
export function exampleIn(
  reading: Reading,
  { media, place }: Media,
  notes: Notes,
  faultOf: (value: unknown) => string | null,
): unknown {
  for (const { place: at, read } of examplesIn(reading, media, place, notes)) {
    try {
      const value = read();
      if (value === undefined) continue;
      const tooLarge = whyNotStorable(value, EXAMPLE_BOUNDS);
      const number = tooLarge === null ? inexact(value) : null;
      const fault = tooLarge === null && number === null ? faultOf(value) : null;
      if (tooLarge !== null) notes.add(at, 'example-large', { reason: tooLarge });
      else if (number !== null) notes.add(at, 'number', { name: 'example', value: String(number) });
      else if (fault !== null) notes.add(at, 'example-unfit', { fault });
      else return value;
    } catch (error) {
      if (!(error instanceof NotReadable)) throw error;
      notes.add(at, 'example-missing', { reason: error.message });
    }
  }
  return undefined;
}

interface Example {
  place: string;
  read(): unknown;
}

function* examplesIn(
  reading: Reading,
  { example, examples, schema }: JsonSchema,
  place: string,
  notes: Notes,
): Generator<Example> {
  if (example !== undefined)
    yield { place: `${place}/example`, read: () => plainExample(reading, example, `${place}/example`) };
  if (isObject(examples)) {
    for (const [name, one] of Object.entries(examples)) {
      const at = `${place}/examples${pointer(name)}`;
      yield { place: at, read: () => namedExample(reading, one, at, notes) };
    }
  } else if (examples !== undefined) {
    yield {
      place: `${place}/examples`,
      read() {
        throw new NotReadable('"examples" is no object with named examples');
      },
    };
  }
  if (!isObject(schema)) return;
  let meant: Found;
  try {
    meant = reading.refs.follow(schema, `${place}/schema`);
  } catch {
    // The fault is noted where the schema itself is read.
    return;
  }
  const { value: target, place: at } = meant;
  if (!isObject(target)) return;
  if (target.example !== undefined) yield { place: `${at}/example`, read: () => target.example };
  if (!Array.isArray(target.examples)) return;
  for (const [index, one] of target.examples.entries())
    yield { place: `${at}/examples/${index}`, read: () => one };
}

/** Resolves a reference in place of an example: the standard does not allow it, but many documents have it. */
function plainExample({ refs }: Reading, example: unknown, place: string): unknown {
  if (!isObject(example) || typeof example.$ref !== 'string' || Object.keys(example).length > 1)
    return example;
  const { value } = refs.follow(example, place);
  return isObject(value) && Object.hasOwn(value, 'value') ? value.value : value;
}

function namedExample(reading: Reading, given: unknown, place: string, notes: Notes): unknown {
  const { value: example, place: at } = follow(reading, given, place, notes);
  if (!isObject(example)) throw new NotReadable('it is no object with a "value"');
  if (Object.hasOwn(example, 'value')) return example.value;
  if (typeof example.externalValue === 'string') {
    notes.add(at, 'example-elsewhere', { url: example.externalValue });
    return undefined;
  }
  throw new NotReadable('it has no "value"');
}

import type { JsonSchema } from './catalogue.js';
import { pointer } from './file-entry.js';
import { listed, type Notes } from './note-list.js';
import { inexact } from './openapi-keywords.js';
import { follow, noteFields, type Reading } from './openapi-reading.js';
import { type Found, NotReadable } from './openapi-refs.js';
import { toJsonSchema } from './openapi-schema.js';
import { exampleOf } from './schema-example.js';
import { whyNotStorable } from './storable-json.js';
import { isSchema as isObject } from './subschemas.js';
import { checkBySchema } from './validation/schema-check.js';
import { whyNotKept } from './validation/user-schema.js';

const EXAMPLE_BOUNDS = { bytes: 16 * 1024, depth: 32 };

/** What is sent or answered as JSON. */
export interface Content {
  schema: JsonSchema | null;
  example: unknown;
}

export interface Body extends Content {
  schema: JsonSchema;
  isRequired: boolean;
}

/** The body of an operation; null where it takes none. Throws NotReadable for one that cannot go over MQTT. */
export function bodyOf(reading: Reading, given: unknown, place: string, notes: Notes): Body | null {
  if (given === undefined) return null;
  const { value: body, place: at } = follow(reading, given, place, notes);
  if (!isObject(body)) throw new NotReadable('its requestBody is no object');
  noteFields(reading, body, at, notes, { read: ['content', 'required'], unread: ['description'] });
  if (body.required !== undefined && typeof body.required !== 'boolean')
    notes.add(at, 'keyword-value', { name: 'required', value: JSON.stringify(body.required).slice(0, 60) });
  const isRequired = body.required === true;
  if (!isObject(body.content) || Object.keys(body.content).length === 0) {
    notes.add(at, 'body-nothing');
    return { schema: {}, example: {}, isRequired };
  }
  const json = jsonOf(reading, body.content, `${at}/content`, notes);
  const types = Object.keys(body.content);
  if (json === null)
    throw new NotReadable(`its body is ${listed(types)}, which cannot go over MQTT: only JSON can`);
  if (!isPlainJson(json.type)) notes.add(json.place, 'body-as-json', { type: json.type });
  const others = types.filter((type) => type !== json.type);
  if (others.length > 0) notes.add(at, 'body-types', { types: listed(others) });
  const schemaPlace = `${json.place}/schema`;
  const schema = toJsonSchema(reading, json.media.schema ?? {}, schemaPlace, { notes, purpose: 'request' });
  refuseNoObject(schema);
  const example = exampleIn(reading, json, notes, (value) => faultOfBody(schema, value));
  return { schema, example: example ?? asBody(exampleOf(schema)) ?? {}, isRequired };
}

/** An answer that cannot be read is no reason to refuse: it is only not known what it looks like. */
export function answerOf(reading: Reading, given: unknown, place: string, notes: Notes): Content | null {
  if (given === undefined) return null;
  try {
    const { value: responses, place: at } = reading.refs.follow(given, place);
    if (!isObject(responses)) throw new NotReadable('its responses are no object');
    return successOf(reading, responses, at, notes);
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    notes.add(place, 'answer-unreadable', { reason: error.message });
    return null;
  }
}

function successOf(reading: Reading, responses: JsonSchema, place: string, notes: Notes): Content | null {
  const successes = Object.keys(responses).filter((status) => /^2(\d\d|XX)$/i.test(status));
  const statuses =
    successes.length > 0 ? successes : Object.keys(responses).filter((one) => one === 'default');
  let found: (Content & { status: string }) | null = null;
  const left: string[] = [];
  for (const status of statuses) {
    try {
      const content = contentOf(
        reading,
        responses[status],
        `${place}${pointer(status)}`,
        notes,
        found !== null,
      );
      if (content === null) continue;
      if (found === null) found = { ...content, status };
      else left.push(status);
    } catch (error) {
      if (!(error instanceof NotReadable)) throw error;
      notes.add(`${place}${pointer(status)}`, 'answer-unreadable', { reason: error.message });
    }
  }
  if (left.length > 0) notes.add(place, 'answers-left', { names: listed(left) });
  for (const status of Object.keys(responses))
    if (!statuses.includes(status) && !status.startsWith('x-')) reading.words.add('responses outside 2xx');
  return found;
}

/** Null where nothing is said of its JSON. `isLeft`: it is only looked whether there is some. */
function contentOf(
  reading: Reading,
  given: unknown,
  place: string,
  notes: Notes,
  isLeft: boolean,
): Content | null {
  const { value: response, place: at } = follow(reading, given, place, notes);
  if (!isObject(response)) throw new NotReadable('one of its responses is no object');
  const unread = ['description', 'summary', 'headers', 'links'];
  noteFields(reading, response, at, notes, { read: ['content'], unread });
  const json = jsonOf(reading, response.content, `${at}/content`, notes);
  const types = Object.keys(isObject(response.content) ? response.content : {});
  const others = types.filter((type) => type !== json?.type);
  if (others.length > 0) notes.add(at, 'answer-types', { types: listed(others) });
  const says = ['schema', 'example', 'examples'];
  if (json === null || says.every((field) => json.media[field] === undefined)) return null;
  if (isLeft) return { schema: null, example: null };
  const schemaPlace = `${json.place}/schema`;
  const schema =
    json.media.schema === undefined
      ? null
      : toJsonSchema(reading, json.media.schema, schemaPlace, { notes, purpose: 'answer' });
  const whyNot = schema === null ? null : whyNotKept(schema);
  if (whyNot !== null) throw new NotReadable(`its schema ${whyNot}`);
  return { schema, example: exampleIn(reading, json, notes, () => null) ?? null };
}

interface Media {
  type: string;
  media: JsonSchema;
  place: string;
}

/** The content that is JSON: as such first, then of a kind, then of any. */
export function jsonOf(reading: Reading, content: unknown, place: string, notes: Notes): Media | null {
  if (!isObject(content)) return null;
  const types = Object.keys(content);
  const type = [isPlainJson, isKindOfJson, isAny]
    .map((fits) => types.find(fits))
    .find((one) => one !== undefined);
  if (type === undefined) return null;
  const { value: media, place: at } = follow(reading, content[type], `${place}${pointer(type)}`, notes);
  if (!isObject(media)) return null;
  noteFields(reading, media, at, notes, { read: ['schema', 'example', 'examples'], unread: ['encoding'] });
  return { type, media, place: at };
}

const PARAMETERS = '\\s*(;|$)';

function isPlainJson(type: string): boolean {
  return new RegExp(`^(application|text)/json${PARAMETERS}`, 'i').test(type.trim());
}
function isKindOfJson(type: string): boolean {
  return new RegExp(`^[\\w.-]+/[\\w.!#$&^-]+\\+json${PARAMETERS}`, 'i').test(type.trim());
}
function isAny(type: string): boolean {
  return new RegExp(`^(\\*|application)/\\*${PARAMETERS}`, 'i').test(type.trim());
}

/** A request over MQTT has an object or a list. */
function refuseNoObject(schema: JsonSchema): void {
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.includes('object') && !types.includes('array'))
    throw new NotReadable(
      `its body is a ${listed(types.map(String))}: over MQTT only an object or a list goes`,
    );
}

function faultOfBody(schema: JsonSchema, value: unknown): string | null {
  if (asBody(value) === null) return 'it is no object and no list';
  return checkBySchema('requestBody', schema, value)[0]?.text ?? null;
}

/** The first example that can be used; what is wrong with others before it is noted. */
function exampleIn(
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
    // Told where the schema is read.
    return;
  }
  const { value: target, place: at } = meant;
  if (!isObject(target)) return;
  if (target.example !== undefined) yield { place: `${at}/example`, read: () => target.example };
  if (!Array.isArray(target.examples)) return;
  for (const [index, one] of target.examples.entries())
    yield { place: `${at}/examples/${index}`, read: () => one };
}

/** Many write a reference in place of the value, too. */
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

function asBody(example: unknown): object | null {
  return typeof example === 'object' && example !== null ? example : null;
}

import type { JsonSchema } from '../operation.js';
import { checkBySchema } from '../validation/schema-check.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { whyNotKept } from '../validation/user-schema.js';
import { pointer } from './file-entry.js';
import { listed, type Notes, valueText } from './note-list.js';
import { exampleIn, type Media } from './openapi-examples.js';
import { follow, noteFields, type Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';
import { toJsonSchema } from './openapi-schema.js';
import { exampleOf } from './schema-example.js';

/** The schema and the example of a body or an answer. */
export interface Content {
  schema: JsonSchema | null;
  example: unknown;
}

export interface Body extends Content {
  schema: JsonSchema;
  isRequired: boolean;
}

/** Reads the body of an operation; null where it takes none. Throws NotReadable for a body that cannot be sent over MQTT. */
export function bodyOf(reading: Reading, given: unknown, place: string, notes: Notes): Body | null {
  if (given === undefined) return null;
  const { value: body, place: at } = follow(reading, given, place, notes);
  if (!isObject(body)) throw new NotReadable('its requestBody is no object');
  noteFields(reading, body, at, notes, { read: ['content', 'required'], unread: ['description'] });
  if (body.required !== undefined && typeof body.required !== 'boolean')
    notes.add(at, 'keyword-value', { name: 'required', value: valueText(body.required) });
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

/**
 * Reads the answer of an operation; null where nothing is known about it. An answer that cannot be read is noted, but is no reason
 * to refuse the operation.
 */
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

/** The JSON content of a response; null where it has none. `isLeft`: only find out whether there is some, without reading it. */
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

/**
 * Finds JSON content: first `application/json`, then types with `+json`, then wildcards. Null where there is none. Throws
 * NotReadable.
 */
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

/** Throws NotReadable for a body that is no object or list, since a request over MQTT can have no other. */
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

function asBody(example: unknown): object | null {
  return typeof example === 'object' && example !== null ? example : null;
}

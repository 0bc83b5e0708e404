import type { JsonSchema, Parameter } from '../operation.js';
import { placeholdersOf } from '../validation/path-template.js';
import { defaultExplode, PATH_STYLES, QUERY_STYLES, type Style } from '../validation/styles.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { pointer } from './file-entry.js';
import { listed, type Notes, valueText } from './note-list.js';
import { jsonOf } from './openapi-content.js';
import { follow, noteFields, type Reading } from './openapi-reading.js';
import { NotReadable } from './openapi-refs.js';
import { toJsonSchema } from './openapi-schema.js';

const MAX_NAME_LENGTH = 100;
/** Headers that OpenAPI says to ignore as parameters, since other parts of a document describe them. */
const TOLD_ELSEWHERE = new Set(['accept', 'content-type', 'authorization']);

/** A list of parameters, and its place in the document. */
export interface ParameterList {
  given: unknown;
  place: string;
}

/**
 * Reads the parameters of an operation. `lists` has those of its path first, then its own, which take precedence. Headers and
 * cookies are left out, since MQTT has none; a note says so. Throws NotReadable.
 */
export function parametersOf(
  reading: Reading,
  path: string,
  lists: readonly ParameterList[],
  notes: Notes,
): Parameter[] {
  const parameters = new Map<string, Parameter>();
  for (const list of lists) {
    if (list.given === undefined) continue;
    const { value: given, place } = reading.refs.follow(list.given, list.place);
    if (!Array.isArray(given)) throw new NotReadable('its parameters are no list');
    const own = new Set<string>();
    for (const [index, one] of given.entries()) {
      const at = follow(reading, one, `${place}/${index}`, notes);
      if (!isObject(at.value) || typeof at.value.name !== 'string' || typeof at.value.in !== 'string')
        throw new NotReadable(`one of its parameters is none (${at.place})`);
      const { name } = at.value;
      const where = whereOf(at.value, path, at.place, notes);
      if (where === null) continue;
      const key = JSON.stringify([name, where]);
      if (own.has(key)) {
        notes.add(at.place, 'parameter-twice', { name });
        continue;
      }
      own.add(key);
      const read = readParameter(reading, at.value, where, at.place, notes);
      if (read !== null) parameters.set(key, read);
    }
  }
  for (const name of placeholdersOf(path))
    if (!parameters.has(JSON.stringify([name, 'path']))) notes.add('', 'parameter-undeclared', { name });
  return [...parameters.values()];
}

/** Whether a parameter is in the path or the query; null, with a note, for one that a request over MQTT cannot have. */
function whereOf(parameter: JsonSchema, path: string, place: string, notes: Notes): 'path' | 'query' | null {
  const name = String(parameter.name);
  const where = String(parameter.in);
  const isInPath = path.includes(`{${name}}`);
  if (where === 'path' || where === 'query') {
    // Some documents say `query` for a placeholder of the path.
    if (isInPath && where === 'query') notes.add(place, 'parameter-in-path', { name, where });
    if (isInPath) return 'path';
    if (where === 'query') return 'query';
    notes.add(place, 'parameter-not-in-path', { name });
    return null;
  }
  if (where === 'header' && TOLD_ELSEWHERE.has(name.toLowerCase())) return null;
  if (where !== 'header' && where !== 'cookie') notes.add(place, 'parameter-place', { name, where });
  else notes.add(place, `${where}-${parameter.required === true ? 'needed' : 'parameter'}`, { name });
  return null;
}

const READ = 'name in required schema content style explode allowReserved allowEmptyValue deprecated'.split(
  ' ',
);

function readParameter(
  reading: Reading,
  parameter: JsonSchema,
  where: 'path' | 'query',
  place: string,
  notes: Notes,
): Parameter | null {
  const name = String(parameter.name);
  noteFields(reading, parameter, place, notes, {
    read: READ,
    unread: ['description', 'example', 'examples'],
  });
  for (const keyword of ['required', 'explode', 'allowReserved', 'allowEmptyValue']) {
    const value = parameter[keyword];
    if (value !== undefined && typeof value !== 'boolean')
      notes.add(place, 'keyword-value', { name: keyword, value: valueText(value) });
  }
  const isRequired = where === 'path' || parameter.required === true;
  const said = schemaOf(reading, parameter, place, notes);
  if (said === null) {
    if (isRequired)
      throw new NotReadable(
        `its parameter "${name.slice(0, 60)}" is neither JSON nor plain text, and is required`,
      );
    return null;
  }
  const schema = toJsonSchema(reading, said.schema, said.place, { notes, purpose: 'parameter' });
  const read: Parameter = {
    name,
    in: where,
    required: isRequired,
    schema: { title: name.slice(0, MAX_NAME_LENGTH), ...schema },
  };
  if (said.isJson) return { ...read, content: 'application/json' };
  return { ...read, ...writingOf(parameter, read, place, notes) };
}

interface Said {
  schema: unknown;
  place: string;
  /** Its value is written as JSON. */
  isJson: boolean;
}

function schemaOf(reading: Reading, parameter: JsonSchema, place: string, notes: Notes): Said | null {
  if (parameter.schema !== undefined || !isObject(parameter.content))
    return { schema: parameter.schema ?? { type: 'string' }, place: `${place}/schema`, isJson: false };
  const { content } = parameter;
  const json = jsonOf(reading, content, `${place}/content`, notes);
  if (json !== null) return { schema: json.media.schema ?? {}, place: `${json.place}/schema`, isJson: true };
  const types = Object.keys(content);
  const plain = types.find((type) => /^text\/plain\s*(;|$)/i.test(type));
  if (plain === undefined) {
    notes.add(place, 'parameter-content', { name: String(parameter.name), types: listed(types) });
    return null;
  }
  const at = follow(reading, content[plain], `${place}/content${pointer(plain)}`, notes);
  const media = isObject(at.value) ? at.value : {};
  return { schema: media.schema ?? { type: 'string' }, place: `${at.place}/schema`, isJson: false };
}

/** How the value is written. Style and explode are left out where they make no difference. */
function writingOf(given: JsonSchema, { name, in: where, schema }: Parameter, place: string, notes: Notes) {
  const writing: Pick<Parameter, 'style' | 'explode' | 'allowReserved' | 'allowEmptyValue'> = {};
  if (where === 'query' && given.allowReserved === true) writing.allowReserved = true;
  if (where === 'query' && given.allowEmptyValue === true) writing.allowEmptyValue = true;
  const isPlain = isScalar(schema);
  const style = styleOf(given, { name, where, isPlain }, place, notes);
  if (isNested(schema)) notes.add(place, 'parameter-nested', { name });
  if (isPlain && style !== 'label') return writing;
  const explode = typeof given.explode === 'boolean' ? given.explode : defaultExplode(style);
  return { ...writing, style, explode };
}

function styleOf(
  { style }: JsonSchema,
  { name, where, isPlain }: { name: string; where: 'path' | 'query'; isPlain: boolean },
  place: string,
  notes: Notes,
): Style {
  const usual = where === 'path' ? 'simple' : 'form';
  if (style === undefined) return usual;
  if (style === 'matrix' && where === 'path')
    throw new NotReadable(
      `the style "matrix" of its parameter "${name.slice(0, 60)}" puts a ";" into the path, which servers read differently: none is sent`,
    );
  const known: readonly string[] = where === 'path' ? PATH_STYLES : QUERY_STYLES;
  const isKnown = typeof style === 'string' && known.includes(style);
  // The styles with delimiters are only for lists and objects.
  if (isKnown && !(isPlain && where === 'query' && style !== 'form')) return style as Style;
  notes.add(place, 'parameter-style', { name, style: String(style), taken: usual });
  return usual;
}

const SCALARS = ['string', 'number', 'integer', 'boolean', 'null'];

function isScalar({ type, enum: choices }: JsonSchema): boolean {
  if (Array.isArray(choices)) return choices.every((one) => typeof one !== 'object');
  const types = [type ?? []].flat();
  return types.length > 0 && types.every((one) => SCALARS.includes(String(one)));
}

/** Whether the entries or fields of a value can be lists or objects themselves. */
function isNested({ items, properties, additionalProperties }: JsonSchema): boolean {
  const inner = [items, additionalProperties, ...Object.values(isObject(properties) ? properties : {})];
  return inner
    .filter(isObject)
    .some(({ type }) => [type ?? []].flat().some((one) => one === 'array' || one === 'object'));
}

import { TpeError } from '../tpe-error.js';
import type { JsonSchema, Operation, Parameter } from './catalogue.js';
import { entryOf, type FileEntry, pointer } from './file-entry.js';
import { follow, NotReadable } from './openapi-refs.js';
import { toJsonSchema } from './openapi-schema.js';
import { generatedId, readOwnOperation } from './own-operation.js';
import { exampleOf } from './schema-example.js';
import { whyNotStorable } from './storable-json.js';
import { isSchema as isObject } from './subschemas.js';
import { whyNotKept } from './validation/user-schema.js';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const OTHER_METHODS = ['head', 'options', 'trace', 'query'];
const LONGEST_NAME = 100;
const EXAMPLE_BOUNDS = { bytes: 16 * 1024, depth: 32 };
const DEFAULT_CATEGORY = 'OpenAPI';

/**
 * Reads the operations of an OpenAPI document of version 3.0 or 3.1. What cannot be done over MQTT, or cannot be read, is
 * refused operation by operation.
 */
export function* readOpenApi(document: JsonSchema): Generator<FileEntry> {
  const base = basePath(document.servers);
  for (const [path, given] of Object.entries(isObject(document.paths) ? document.paths : {})) {
    if (!path.startsWith('/')) continue;
    const place = pointer('paths', path);
    const item = attempt(() => follow(document, given));
    if (typeof item === 'string' || !isObject(item)) {
      yield entryOf(place, path, () => refuse(typeof item === 'string' ? item : 'it is no object'));
      continue;
    }
    for (const method of [...METHODS, ...OTHER_METHODS]) {
      if (!Object.hasOwn(item, method)) continue;
      const name = isObject(item[method]) ? nameOf(item[method], method, path) : path;
      yield entryOf(`${place}${pointer(method)}`, name, () => {
        const read = attempt(() => readOperation(document, { method, path: `${base}${path}`, item }));
        return typeof read === 'string' ? refuse(read) : read;
      });
    }
  }
}

interface Asked {
  method: string;
  path: string;
  item: JsonSchema;
}

function readOperation(document: object, { method, path, item }: Asked): Operation {
  if (OTHER_METHODS.includes(method)) throw new NotReadable(`TPE has no ${method.toUpperCase()}`);
  const given = item[method];
  if (!isObject(given)) throw new NotReadable('it is no object');
  const name = nameOf(given, method, path);
  const body = bodyOf(document, given.requestBody);
  const answer = answerOf(document, given.responses);
  const verb = method.toUpperCase();
  return readOwnOperation({
    id: generatedId(typeof given.operationId === 'string' ? given.operationId : name, [verb, path]),
    category: categoryOf(given.tags),
    name,
    method: verb,
    path,
    parameters: parametersOf(document, path, [item.parameters, given.parameters]),
    bodySchema: body?.schema ?? null,
    bodyExample: body?.example ?? null,
    answerSchema: answer?.schema ?? null,
    answerExample: answer?.example ?? null,
  });
}

/** The path of the server, without `/api/v1`, which each gateway has: of several, one that has it is no mock-up. */
function basePath(servers: unknown): string {
  const urls = (Array.isArray(servers) ? servers : []).flatMap((server) =>
    isObject(server) && typeof server.url === 'string' ? server.url : [],
  );
  const url = urls.find((one) => one.includes('/api/v1')) ?? urls[0] ?? '';
  const path = url.replace(/^([a-z][\w+.-]*:)?\/\/[^/]*/i, '').split(/[?#]/)[0] ?? '';
  // What a variable stands for is not known here.
  if (!path.startsWith('/') || /[{}]/.test(path)) return '';
  return path.replace(/\/+$/, '').replace(/^\/api\/v1(?=\/|$)/i, '');
}

function nameOf({ summary, operationId }: JsonSchema, method: string, path: string): string {
  const named = [summary, operationId].find((text) => typeof text === 'string' && text.trim() !== '');
  return cut(typeof named === 'string' ? named : `${method.toUpperCase()} ${path}`);
}

function categoryOf(tags: unknown): string {
  const [first] = Array.isArray(tags) ? tags : [];
  return cut(typeof first === 'string' && first.trim() !== '' ? first : DEFAULT_CATEGORY);
}

/** In one line, as long as a name may be. */
function cut(text: string): string {
  return [...text.trim().replaceAll(/\s+/g, ' ')].slice(0, LONGEST_NAME).join('').trim();
}

/** Those of the operation count before those of its path. Headers and cookies do not go over MQTT. */
function parametersOf(document: object, path: string, lists: readonly unknown[]): Parameter[] {
  const parameters = new Map<string, Parameter>();
  for (const given of lists.flatMap((list) => (Array.isArray(list) ? list : []))) {
    const parameter = follow(document, given);
    if (!isObject(parameter) || typeof parameter.name !== 'string')
      throw new NotReadable('one of its parameters is none');
    const { name } = parameter;
    // Documents say `query` of a placeholder, too.
    const where = path.includes(`{${name}}`) ? 'path' : parameter.in;
    if (where !== 'query' && where !== 'path') continue;
    if (where === 'path' && !path.includes(`{${name}}`)) continue;
    const schema = toJsonSchema(document, schemaOf(document, parameter) ?? { type: 'string' });
    const required = where === 'path' || parameter.required === true;
    parameters.set(JSON.stringify([name, where]), {
      name,
      in: where,
      required,
      schema: { title: name.slice(0, LONGEST_NAME), ...schema },
    });
  }
  return [...parameters.values()];
}

function schemaOf(document: object, { schema, content }: JsonSchema): unknown {
  return schema ?? jsonOf(document, content)?.schema;
}

interface Content {
  schema: JsonSchema;
  example: unknown;
}

function bodyOf(document: object, given: unknown): Content | null {
  const body = follow(document, given);
  if (!isObject(body) || !isObject(body.content)) return null;
  const types = Object.keys(body.content);
  if (types.length === 0) return null;
  const json = jsonOf(document, body.content);
  if (json === null) {
    throw new NotReadable(
      `its body is ${types.join(' or ').slice(0, 100)}, which cannot go over MQTT: only JSON can`,
    );
  }
  const schema = toJsonSchema(document, json.schema ?? {}, { isBody: true });
  return { schema, example: asBody(exampleIn(document, json)) ?? asBody(exampleOf(schema)) ?? {} };
}

/** An answer that cannot be read is no reason to refuse: it is only not known what it looks like. */
function answerOf(document: object, responses: unknown): Content | null {
  if (!isObject(responses)) return null;
  const status = Object.keys(responses).find((one) => /^2(\d\d|XX)$/i.test(one));
  if (status === undefined) return null;
  const read = attempt(() => {
    const response = follow(document, responses[status]);
    const json = isObject(response) ? jsonOf(document, response.content) : null;
    if (json === null || json.schema === undefined) return null;
    const schema = toJsonSchema(document, json.schema);
    const whyNot = whyNotKept(schema);
    if (whyNot !== null) throw new NotReadable(whyNot);
    return { schema, example: exampleIn(document, json) ?? null };
  });
  return typeof read === 'string' ? null : read;
}

function jsonOf(document: object, content: unknown): JsonSchema | null {
  if (!isObject(content)) return null;
  const type = Object.keys(content).find((one) =>
    /^(application\/([\w.-]+\+)?json|\*\/\*)\s*(;|$)/i.test(one),
  );
  const media = type === undefined ? null : follow(document, content[type]);
  return isObject(media) ? media : null;
}

/** One that is large shows no more than a small one. */
function exampleIn(document: object, media: JsonSchema): unknown {
  const example = anyExample(document, media);
  return example === undefined || whyNotStorable(example, EXAMPLE_BOUNDS) !== null ? undefined : example;
}

function anyExample(document: object, { example, examples, schema }: JsonSchema): unknown {
  if (example !== undefined) return example;
  const [first] = isObject(examples) ? Object.values(examples) : [];
  const named = follow(document, first);
  if (isObject(named) && named.value !== undefined) return named.value;
  const meant = follow(document, schema);
  return isObject(meant) ? meant.example : undefined;
}

function asBody(example: unknown): object | null {
  return typeof example === 'object' && example !== null ? example : null;
}

/** The text of what cannot be read. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotReadable) return error.message;
    throw error;
  }
}

function refuse(reason: string): never {
  throw new TpeError('INVALID_INPUT', `The operation cannot be imported: ${reason}.`);
}

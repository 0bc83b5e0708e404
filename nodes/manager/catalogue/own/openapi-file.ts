import { messageOf, TpeError } from '../../tpe-error.js';
import type { JsonSchema } from '../catalogue.js';
import { checkBySchema } from '../schema-check.js';
import { cleanSchema, type ResolveRef } from './clean-schema.js';
import type { FileEntry } from './import-file.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const JSON_TYPE = /^application\/(json|[\w.-]+\+json)/i;

type Json = Record<string, unknown>;

/** The operations of an OpenAPI 3 document, each for readOperation or with the reason why it cannot be taken. */
export function openApiEntries(document: Json): FileEntry[] {
  if (typeof document.swagger === 'string') {
    throw new TpeError(
      'INVALID_INPUT',
      'This is a Swagger 2.0 document: convert it to OpenAPI 3 first, for example with editor.swagger.io.',
    );
  }
  const resolve: ResolveRef = (ref) => pointed(document, ref);
  const base = basePath(document.servers);
  const title = textIn(objectIn(document.info)?.title);
  const entries: FileEntry[] = [];
  for (const [path, given] of Object.entries(objectIn(document.paths) ?? {})) {
    const item = objectIn(deref(given, resolve)) ?? {};
    if (typeof objectIn(given)?.$ref === 'string' && Object.keys(item).length === 0) {
      entries.push({ place: `/paths/${escaped(path)}`, name: path, read: refuseElsewhere });
    }
    for (const method of METHODS) {
      const operation = objectIn(item[method]);
      if (operation === null) continue;
      const place = `/paths/${escaped(path)}/${method}`;
      const name = (
        textIn(operation.summary) ??
        textIn(operation.operationId) ??
        `${method.toUpperCase()} ${path}`
      ).slice(0, 100);
      entries.push({
        place,
        name,
        read: () => readEntry(operation, item, { method, path: `${base}${path}`, name, title, resolve }),
      });
    }
  }
  return entries;
}

function refuseElsewhere(): never {
  throw new TpeError('INVALID_INPUT', 'It refers to another file: bundle the document into one first.');
}

interface Around {
  method: string;
  path: string;
  name: string;
  title: string | null;
  resolve: ResolveRef;
}

function readEntry(operation: Json, item: Json, { method, path, name, title, resolve }: Around): Json {
  const [tag] = Array.isArray(operation.tags) ? operation.tags : [];
  const body = objectIn(deref(operation.requestBody, resolve));
  const content = objectIn(body?.content);
  const json = content === null ? null : jsonOf(content);
  if (content !== null && json === null && Object.keys(content).length > 0) {
    throw new TpeError('INVALID_INPUT', `Its body is ${Object.keys(content)[0]}, which cannot go over MQTT.`);
  }
  const answer = answerOf(operation.responses, resolve);
  const bodySchema = json === null ? null : cleanSchema(json.schema, resolve);
  const bodyExample = fitting(exampleOf(json), bodySchema);
  return {
    category: (textIn(tag) ?? title ?? 'Own operations').slice(0, 100),
    name,
    method: method.toUpperCase(),
    path: path.replace(/^\/api\/v1(?=\/)/i, ''),
    parameters: parametersOf([item.parameters, operation.parameters], resolve),
    ...(bodySchema === null ? {} : { bodySchema }),
    ...(bodyExample === null ? {} : { bodyExample }),
    ...(answer === null ? {} : { answerSchema: cleanSchema(answer.schema, resolve) }),
  };
}

/** Those of the operation after those of its path, which they replace. */
function parametersOf(lists: unknown[], resolve: ResolveRef): Json[] {
  const found = new Map<string, Json>();
  for (const given of lists.flatMap((list) => (Array.isArray(list) ? list : []))) {
    const parameter = objectIn(deref(given, resolve));
    const name = textIn(parameter?.name);
    if (parameter === null || name === null || (parameter.in !== 'path' && parameter.in !== 'query'))
      continue;
    found.set(`${parameter.in} ${name}`, {
      name,
      in: parameter.in,
      required: parameter.required === true || parameter.in === 'path',
      schema: cleanSchema(parameter.schema ?? {}, resolve),
    });
  }
  return [...found.values()];
}

function answerOf(responses: unknown, resolve: ResolveRef): Json | null {
  const [, given] =
    Object.entries(objectIn(responses) ?? {}).find(([status]) => /^2(\d\d|XX)$/i.test(status)) ?? [];
  const content = objectIn(objectIn(deref(given, resolve))?.content);
  return content === null ? null : jsonOf(content);
}

function jsonOf(content: Json): Json | null {
  const [, media] = Object.entries(content).find(([type]) => JSON_TYPE.test(type)) ?? [];
  return objectIn(media);
}

function exampleOf(media: Json | null): unknown {
  if (media === null) return null;
  const [first] = Object.values(objectIn(media.examples) ?? {});
  const example = media.example ?? objectIn(first)?.value ?? objectIn(media.schema)?.example ?? null;
  return typeof example === 'object' ? example : null;
}

/** Documents contradict themselves: then the schema counts. */
function fitting(example: unknown, schema: JsonSchema | null): unknown {
  try {
    return schema === null || checkBySchema('requestBody', schema, example).length === 0 ? example : null;
  } catch {
    return null;
  }
}

/** `https://{ip}:8443/api/v1` stands for its path. */
function basePath(servers: unknown): string {
  const [first] = Array.isArray(servers) ? servers : [];
  const url = textIn(objectIn(first)?.url) ?? '';
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/\/+$/, '');
  return path.startsWith('/') && !path.includes('{') ? path : '';
}

function deref(given: unknown, resolve: ResolveRef): unknown {
  let value = given;
  for (let hops = 0; hops < 10; hops += 1) {
    const ref = objectIn(value)?.$ref;
    if (typeof ref !== 'string') return value;
    value = resolve(ref);
  }
  return undefined;
}

/** What `#/components/schemas/Thing` points to within the document; nothing outside of it is looked at. */
function pointed(document: Json, ref: string): unknown {
  if (!ref.startsWith('#/')) return undefined;
  let value: unknown = document;
  for (const part of ref.slice(2).split('/')) {
    const name = unescaped(part);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Json)[name];
  }
  return value;
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch (error) {
    return messageOf(error);
  }
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function objectIn(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

import { randomUUID } from 'node:crypto';
import { deepMerge, isJson, wrongKind } from './merge.js';
import {
  type GatewayApiKind,
  isOffered,
  type Json,
  parentOf,
  type ResourceTemplate,
  templateOf,
} from './resource-templates.js';
import { type ApiAnswer, apiError } from './wire.js';

/** The stored values of one gateway's API: at first the examples of the catalogue, then what requests changed. */
export interface Resources {
  /** The value that GET has under `data`, or as the whole answer; undefined where the path has no value. */
  read(path: string): unknown;
  write(path: string, value: unknown): void;
  /** Answers a request by the common rules of TPE's API; `fullPath` may have a query. */
  handle(method: string, fullPath: string, requestBody: unknown): ApiAnswer;
}

const NO_PAGE = apiError(404, 'page not found');
const NO_RECORD = apiError(404, 'record not found');

/**
 * Creates the resources of one gateway. `own` returns the values in which this gateway differs from all others, undefined for
 * all other paths. A gateway keeps only changed values, so that a thousand of them need little memory.
 */
export function createResources(kind: GatewayApiKind, own: (path: string) => unknown): Resources {
  const changed = new Map<string, unknown>();

  function read(path: string): unknown {
    if (changed.has(path)) return changed.get(path);
    const template = templateOf(path);
    if (template?.isItem) return itemOf(path, template);
    return own(path) ?? template?.initial;
  }

  const listAt = (path: string): Json[] => (read(path) ?? []) as Json[];

  function itemOf(path: string, { idKey }: ResourceTemplate): Json | undefined {
    const key = keyOf(path);
    const names = [idKey, 'id', 'name', 'uuid', 'channel'];
    return listAt(parentOf(path)).find((item) => names.some((name) => String(item[name] ?? '') === key));
  }

  /** Replaces the item in its list, or removes it where `next` is null. */
  function replaceItem(path: string, item: Json, next: Json | null): void {
    const parent = parentOf(path);
    const list = listAt(parent);
    changed.set(
      parent,
      list.flatMap((one) => (one === item ? (next ?? []) : one)),
    );
  }

  function changeItem(path: string, template: ResourceTemplate, method: string, body: unknown): ApiAnswer {
    const item = itemOf(path, template);
    if (item === undefined) return NO_RECORD;
    if (!isJson(body)) return apiError(400, 'invalid request body');
    const wrong = wrongKind(item, body);
    if (wrong !== null) return apiError(400, `invalid value of ${wrong}`);
    const { idKey } = template;
    const id = idKey in item ? { [idKey]: item[idKey] } : { id: item.id };
    const next = { ...((method === 'PATCH' ? deepMerge(item, body) : body) as Json), ...id };
    replaceItem(path, item, next);
    return success(template, next);
  }

  function changeList(path: string, template: ResourceTemplate, method: string, body: unknown): ApiAnswer {
    if (method === 'PUT' && Array.isArray(body)) {
      changed.set(path, body);
      return success(template, body);
    }
    let list = listAt(path);
    if (method === 'PUT' && !list.every(isJson)) {
      changed.set(path, body);
      return success(template, body);
    }
    const changes = Array.isArray(body) ? body : [body];
    for (const change of changes) {
      const item = isJson(change) ? list.find((one) => isSame(one, change, template)) : undefined;
      if (item === undefined) return NO_RECORD;
      list = list.map((one) => (one === item ? (deepMerge(one, change) as Json) : one));
    }
    changed.set(path, list);
    return success(template, list);
  }

  function changeSingle(path: string, template: ResourceTemplate, method: string, body: unknown): ApiAnswer {
    if (!isJson(body)) return apiError(400, 'invalid request body');
    const old = read(path) ?? {};
    const wrong = wrongKind(old, body);
    if (wrong !== null) return apiError(400, `invalid value of ${wrong}`);
    const next = method === 'PATCH' ? deepMerge(old, body) : { ...(old as Json), ...body };
    changed.set(path, next);
    return success(template, next);
  }

  function add(path: string, template: ResourceTemplate, body: unknown): ApiAnswer {
    const bodies = Array.isArray(body) ? body : [body];
    if (!bodies.every(isJson)) return apiError(400, 'invalid request body');
    const list = [...listAt(path)];
    const made = bodies.map((each) => {
      const item = { ...each, ...newId(list, template.idKey) };
      list.push(item);
      return item;
    });
    changed.set(path, list);
    return success(template, Array.isArray(body) ? made : made[0]);
  }

  function remove(path: string, template: ResourceTemplate, body: unknown): ApiAnswer {
    if (template.isItem) {
      const item = itemOf(path, template);
      if (item === undefined) return NO_RECORD;
      replaceItem(path, item, null);
    } else if (template.isList) {
      const ids = Array.isArray(body) ? new Set(body.map(String)) : null;
      changed.set(
        path,
        ids === null ? [] : listAt(path).filter((item) => !ids.has(String(item[template.idKey]))),
      );
    } else changed.set(path, {});
    return { status: 204, payload: null };
  }

  function get(path: string, query: URLSearchParams, template: ResourceTemplate): ApiAnswer {
    const value = read(path);
    if (Array.isArray(value) && !template.isBare)
      return { status: 200, payload: pageOf(value, query, template) };
    if (value === undefined && template.isItem) return NO_RECORD;
    return success(template, value ?? {});
  }

  return {
    read,
    write: (path, value) => void changed.set(path, value),
    handle(method, fullPath, requestBody) {
      const [path = '', query = ''] = fullPath.split('?');
      const template = templateOf(path);
      const operation = template?.methods.get(method);
      if (!template || !operation || !isOffered(operation, kind)) return NO_PAGE;
      if (operation.refusedBecause !== null) return apiError(400, 'unsupported request');
      if (method === 'GET') return get(path, new URLSearchParams(query), template);
      if (method === 'DELETE') return remove(path, template, requestBody);
      if (method === 'POST') {
        if (!template.isList) return act(operation.answerExample, requestBody);
        return asDocumented(operation.answerExample, add(path, template, requestBody));
      }
      if (template.isItem) return changeItem(path, template, method, requestBody);
      if (!template.methods.has('GET')) return act(operation.answerExample, requestBody);
      return template.isList && Array.isArray(read(path))
        ? changeList(path, template, method, requestBody)
        : changeSingle(path, template, method, requestBody);
    },
  };
}

function success({ isBare }: ResourceTemplate, value: unknown): ApiAnswer {
  return { status: 200, payload: isBare ? value : { data: value } };
}

/** Some operations answer POST with a text or a list of one item, where most answer with the item. The example shows which. */
function asDocumented(example: unknown, answer: ApiAnswer): ApiAnswer {
  if (!isJson(example) || answer.status !== 200) return answer;
  if (typeof example.data === 'string') return { ...answer, payload: example };
  const added = isJson(answer.payload) ? answer.payload.data : undefined;
  return Array.isArray(example.data) && isJson(added) ? { ...answer, payload: { data: [added] } } : answer;
}

/** Answers an action, which stores no value, with the catalogue's example and the values of the request in it. */
function act(example: unknown, body: unknown): ApiAnswer {
  if (!isJson(example)) return { status: 200, payload: example ?? {} };
  const fill = (answer: Json, values: unknown) =>
    Object.fromEntries(
      Object.entries(answer).map(([name, value]) => [
        name,
        (isJson(values) ? values[name] : undefined) ?? value,
      ]),
    );
  return {
    status: 200,
    payload: isJson(example.data) ? { ...example, data: fill(example.data, body) } : fill(example, body),
  };
}

function pageOf(list: readonly unknown[], query: URLSearchParams, template: ResourceTemplate): Json {
  const number = (name: string, otherwise: number) => {
    const value = Number(query.get(name) ?? Number.NaN);
    return Number.isInteger(value) && value >= 0 ? value : otherwise;
  };
  const offset = number('offset', 0);
  const limit = number('limit', list.length);
  const data = list.slice(offset, offset + limit);
  const example = template.methods.get('GET')?.answerExample;
  const isPaged = query.has('limit') || query.has('offset') || (isJson(example) && 'total' in example);
  return { count: data.length, data, ...(isPaged ? { limit, offset, total: list.length } : {}) };
}

function isSame(item: Json, change: Json, { idKey }: ResourceTemplate): boolean {
  const name = [idKey, 'id', 'name', 'disk'].find((each) => each in change);
  return name !== undefined && String(item[name]) === String(change[name]);
}

function newId(list: readonly Json[], idKey: string): Json {
  if (idKey === 'name') return {};
  if (idKey === 'uuid') return { uuid: randomUUID() };
  return { [idKey]: Math.max(0, ...list.map((item) => Number(item[idKey]) || 0)) + 1 };
}

function keyOf(path: string): string {
  const level = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(level);
  } catch {
    return level;
  }
}

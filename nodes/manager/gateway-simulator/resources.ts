import { findInCatalogue } from '../catalogue/create-catalogue.js';
import { OPERATIONS } from '../catalogue/operations.js';
import { type ApiAnswer, apiError } from './wire.js';

type Json = Record<string, unknown>;

/** What the API of one gateway holds: the examples of the catalogue, and over them what was changed. */
export interface Resources {
  /** The body of a GET; undefined where there is none. */
  read(path: string): unknown;
  write(path: string, body: unknown): void;
  /** Answers a request by the usual ways of TPE's API. */
  handle(method: string, path: string, requestBody: unknown): ApiAnswer;
}

/** Shared by all gateways: never changed, only covered. */
const EXAMPLES: ReadonlyMap<string, unknown> = new Map(
  OPERATIONS.filter((operation) => operation.method === 'GET' && !operation.path.includes('{'))
    .filter((operation) => operation.responseExample !== null)
    .map((operation) => [operation.path, operation.responseExample]),
);

export function createResources(own: ReadonlyMap<string, unknown>): Resources {
  const changed = new Map<string, unknown>(own);

  function read(path: string): unknown {
    if (changed.has(path)) return changed.get(path);
    return EXAMPLES.get(path) ?? readItem(path);
  }

  function readItem(path: string): unknown {
    const item = itemOf(path);
    if (item?.found !== undefined) return { data: item.found };
    const operation = findInCatalogue('GET', path);
    return item === null && operation !== null ? (operation.responseExample ?? { data: {} }) : undefined;
  }

  /** The collection that a path is an item of; null where its parent is none. */
  function itemOf(
    path: string,
  ): { parent: string; list: Json[]; key: string; found: Json | undefined } | null {
    const cut = path.lastIndexOf('/');
    const [parent, key] = [path.slice(0, cut), decodeURIComponent(path.slice(cut + 1))];
    const body = changed.get(parent) ?? EXAMPLES.get(parent);
    const data = (body as { data?: unknown } | undefined)?.data;
    if (!Array.isArray(data)) return null;
    const list = data as Json[];
    return {
      parent,
      list,
      key,
      found: list.find((one) => String(one?.id ?? one?.name) === key || one?.name === key),
    };
  }

  function replaceItem(path: string, next: Json | null): void {
    const item = itemOf(path);
    if (item === null) return;
    const list = item.list.flatMap((one) => (one === item.found ? (next === null ? [] : [next]) : [one]));
    changed.set(item.parent, {
      ...(changed.get(item.parent) ?? (EXAMPLES.get(item.parent) as object)),
      data: list,
    });
  }

  function change(path: string, body: Json, merge: (old: unknown, change: Json) => unknown): ApiAnswer {
    const item = itemOf(path);
    if (item !== null && item.found === undefined) return apiError(404, 'record not found');
    if (item?.found) {
      const next = { ...(merge(item.found, body) as Json), id: item.found.id ?? item.key };
      replaceItem(path, next);
      return { status: 200, payload: { data: next } };
    }
    const old = (read(path) as { data?: unknown } | undefined)?.data ?? {};
    const next = merge(old, body);
    changed.set(path, { data: next });
    return { status: 200, payload: { data: next } };
  }

  function create(path: string, body: Json): ApiAnswer {
    const stored = read(path) as { data?: unknown } | undefined;
    if (!Array.isArray(stored?.data)) return { status: 200, payload: { data: body } };
    const list = stored.data as Json[];
    const id = Math.max(0, ...list.map((one) => Number(one.id) || 0)) + 1;
    const made = { ...body, id };
    changed.set(path, {
      ...stored,
      ...('count' in stored ? { count: list.length + 1 } : {}),
      data: [...list, made],
    });
    return { status: 200, payload: { data: made } };
  }

  function remove(path: string): ApiAnswer {
    if (itemOf(path)?.found === undefined) return apiError(404, 'record not found');
    replaceItem(path, null);
    return { status: 204, payload: null };
  }

  return {
    read,
    write: (path, body) => void changed.set(path, body),
    handle(method, fullPath, requestBody) {
      const path = fullPath.split('?')[0] ?? '';
      const operation = findInCatalogue(method, path);
      if (operation === null && itemOf(path)?.found === undefined) return apiError(404, 'page not found');
      if (method === 'GET') {
        const body = read(path);
        return body === undefined ? apiError(404, 'record not found') : { status: 200, payload: body };
      }
      if (method === 'DELETE') return remove(path);
      if (typeof requestBody !== 'object' || requestBody === null || Array.isArray(requestBody)) {
        return apiError(400, 'invalid request body');
      }
      const body = requestBody as Json;
      if (method === 'POST') return create(path, body);
      return change(path, body, method === 'PATCH' ? deepMerge : replaceKeepingId);
    },
  };
}

function deepMerge(old: unknown, change: Json): unknown {
  if (typeof old !== 'object' || old === null || Array.isArray(old)) return change;
  const merged: Json = { ...old };
  for (const [name, value] of Object.entries(change)) {
    const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value);
    merged[name] = isBranch ? deepMerge(merged[name], value as Json) : value;
  }
  return merged;
}

function replaceKeepingId(old: unknown, change: Json): unknown {
  const id = (old as { id?: unknown } | null)?.id;
  return id === undefined ? change : { ...change, id };
}

import type { Fault } from '../../shared/fault.js';
import { whyTooLarge } from '../../shared/json-bounds.js';
import type { Operation } from '../operation.js';
import type { OperationSet } from '../operation-set.js';
import { checkPath, composePath, type Params } from './compose-path.js';
import { checkBySchema } from './schema-check.js';

/** A request by an operation of the catalogue, or by path and method. */
export interface GivenOperation {
  /** The id of an operation. */
  operation?: unknown;
  /** Values of its parameters by name. */
  params?: unknown;
  path?: unknown;
  method?: unknown;
  requestBody?: unknown;
}

/** No operation takes more. */
const PARAMS = { depth: 8, values: 2000, characters: 100_000 };

export interface ResolvedRequest {
  /** Null where the catalogue knows nothing of it. */
  operation: Operation | null;
  /** As given, where no operation is named. */
  path: unknown;
  method: unknown;
  requestBody: unknown;
  faults: Fault[];
}

/**
 * Makes a request of an operation and its values, or finds the operation that a path and a method belong to, and checks
 * all that the catalogue knows of it. Never throws: what is wrong is in `faults`. `skip` are pointers such as
 * `/requestBody/ip` and `/params/id`, whose values are not known yet; `/params` are all that are not given.
 */
export function resolveRequest(
  catalogue: Pick<OperationSet, 'get' | 'findAll'>,
  given: GivenOperation,
  skip: readonly string[] = [],
): ResolvedRequest {
  const body = given.requestBody === '' ? undefined : (given.requestBody ?? undefined);
  const isNamed = given.operation !== undefined && given.operation !== null && given.operation !== '';
  return isNamed
    ? byOperation(catalogue, { ...given, requestBody: body }, skip)
    : byPath(catalogue, { ...given, requestBody: body }, skip);
}

function byOperation(
  catalogue: Pick<OperationSet, 'get'>,
  { operation: id, params, requestBody }: GivenOperation,
  skip: readonly string[],
): ResolvedRequest {
  const operation = typeof id === 'string' ? catalogue.get(id) : null;
  if (operation === null) {
    return { operation, path: undefined, method: undefined, requestBody, faults: [noOperation(id)] };
  }
  const values = paramsOf(params);
  const composed = composePath(operation, values.params, unknownParams(operation, values.params, skip));
  return {
    operation,
    path: composed.path,
    method: operation.method,
    requestBody,
    faults: [...values.faults, ...composed.faults, ...checkBody(operation, requestBody, skip)],
  };
}

function unknownParams({ parameters }: Operation, given: Params, skip: readonly string[]): Set<string> {
  const pointers = below('/params', skip);
  const named = pointers.map((pointer) => pointer.slice(1));
  if (!pointers.includes('')) return new Set(named);
  return new Set([
    ...named,
    ...parameters.map(({ name }) => name).filter((name) => !Object.hasOwn(given, name)),
  ]);
}

/** Of several operations with one path and method, each for a kind of body, the one counts that fits best. */
function byPath(
  catalogue: Pick<OperationSet, 'findAll'>,
  { path, method, requestBody }: GivenOperation,
  skip: readonly string[],
): ResolvedRequest {
  const asked = { operation: null, path, method, requestBody, faults: [] };
  if (typeof path !== 'string' || typeof method !== 'string') return asked;
  const concrete = path.trim().replace(/^\/api\/v1(?=\/)/i, '');
  let best: ResolvedRequest | null = null;
  for (const operation of catalogue.findAll(method.trim(), concrete)) {
    if (!saysQuery(operation, concrete)) continue;
    const faults = [...checkPath(operation, concrete), ...checkBody(operation, requestBody, skip)];
    if (best === null || faults.length < best.faults.length) best = { ...asked, operation, faults };
  }
  return best ?? asked;
}

/** True when the query has all that the operation must say. */
function saysQuery({ query }: Operation, path: string): boolean {
  const asked = new URLSearchParams(path.split('?').slice(1).join('?'));
  return Object.entries(query).every(([name, value]) => asked.get(name) === value);
}

function checkBody(
  { bodySchema, bodyRequired }: Operation,
  requestBody: unknown,
  skip: readonly string[],
): Fault[] {
  if (bodySchema === null || (bodyRequired === false && requestBody === undefined)) return [];
  return checkBySchema('requestBody', bodySchema, requestBody ?? {}, { skip: below('/requestBody', skip) });
}

function below(part: string, skip: readonly string[]): string[] {
  return skip
    .filter((pointer) => pointer === part || pointer.startsWith(`${part}/`))
    .map((pointer) => pointer.slice(part.length));
}

function paramsOf(given: unknown): { params: Params; faults: Fault[] } {
  if (given === undefined || given === null || given === '') return { params: {}, faults: [] };
  if (typeof given === 'object' && !Array.isArray(given)) {
    const tooLarge = whyTooLarge(given, PARAMS);
    if (tooLarge === null) return { params: { ...given }, faults: [] };
    return {
      params: {},
      faults: [{ in: 'params', path: '', rule: 'size', text: `params ${tooLarge} (size)` }],
    };
  }
  const text = 'params must be an object such as {"id": 1} (type)';
  return { params: {}, faults: [{ in: 'params', path: '', rule: 'type', text }] };
}

function noOperation(id: unknown): Fault {
  const shown = typeof id === 'string' ? JSON.stringify(id.slice(0, 100)) : `a ${typeof id}`;
  const text = `operation must be the id of an operation of the catalogue, not ${shown}: the action "operations" lists them`;
  return { in: 'operation', path: '', rule: 'enum', value: shown, text };
}

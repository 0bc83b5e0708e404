import type { Fault } from '../../shared/fault.js';
import { whyTooLarge } from '../../shared/json-bounds.js';
import type { Operation } from '../operation.js';
import type { OperationSet } from '../operation-set.js';
import { checkPath, composePath, type Params } from './compose-path.js';
import { faultsAcrossFields } from './rules-across-fields.js';
import { checkBySchema } from './schema-check.js';

/** A request as a caller gives it: by an operation of the catalogue, or by path and method. */
export interface GivenOperation {
  /** The id of an operation. */
  operation?: unknown;
  /** The values of its parameters, by name. */
  params?: unknown;
  path?: unknown;
  method?: unknown;
  requestBody?: unknown;
}

/** The largest parameters; no operation needs more. */
const PARAMS = { depth: 8, values: 2000, characters: 100_000 };

export interface ResolvedRequest {
  /** Null where the catalogue has no such operation. */
  operation: Operation | null;
  /** The path of the named operation with its values; as given where no operation is named. */
  path: unknown;
  method: unknown;
  requestBody: unknown;
  faults: Fault[];
}

/**
 * Makes a request from an operation and its values, or finds the operation for a path and a method. Checks the request by all
 * that the catalogue knows of it. Never throws: what is wrong is in `faults`.
 *
 * `skip` has pointers to values that are not known yet, such as `/requestBody/ip` and `/params/id`; they are not checked.
 * `/params` alone stands for all parameters that are not given.
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

/**
 * Finds the operation for a path and method. Of several, each for another kind of body, it takes the one with the fewest faults.
 */
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

/** Whether the query has the fixed parameters of the operation. */
function saysQuery({ query }: Operation, path: string): boolean {
  const asked = new URLSearchParams(path.split('?').slice(1).join('?'));
  return Object.entries(query).every(([name, value]) => asked.get(name) === value);
}

function checkBody(
  { bodySchema, bodyRequired, source }: Operation,
  requestBody: unknown,
  skip: readonly string[],
): Fault[] {
  if (bodySchema === null || (bodyRequired === false && requestBody === undefined)) return [];
  const skipped = below('/requestBody', skip);
  const faults = checkBySchema('requestBody', bodySchema, requestBody ?? {}, { skip: skipped });
  // In an operation that a user brought, fields of the same name may mean something else.
  if (source !== 'tpe') return faults;
  const told = new Set(faults.map(({ path }) => path));
  // Of a field that is wrong by itself, that is all there is to say.
  return [...faults, ...faultsAcrossFields(requestBody, skipped).filter(({ path }) => !told.has(path))];
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

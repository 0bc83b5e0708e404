import type { Operation } from './operation.js';
import { indexOperations, indexReadings } from './operation-index.js';
import { OPERATIONS } from './operations.js';

/** Operations that can be looked up. */
export interface OperationSet {
  operations(): readonly Operation[];
  get(id: string): Operation | null;
  /** The operation that a method and a concrete path (query allowed) belong to; null where there is none. */
  find(method: string, path: string): Operation | null;
  /** As find, but all of them: several share one path and method where each is for a kind of body. */
  findAll(method: string, path: string): readonly Operation[];
  /** Each operation that a reading of a path may belong to, whatever its method; see pathReadings. */
  matching(levels: readonly string[]): readonly Operation[];
}

/** Of two with one id, or one path and method, the first is found. */
export function createOperationSet(operations: readonly Operation[]): OperationSet {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const findAll = indexOperations(operations);
  return {
    operations: () => operations,
    get: (id) => byId.get(id) ?? null,
    find: (method, path) => findAll(method, path)[0] ?? null,
    findAll,
    matching: indexReadings(operations),
  };
}

/** What came with the pack. */
export const TPE_OPERATIONS = createOperationSet(OPERATIONS);

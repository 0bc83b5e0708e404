import type { Operation } from './operation.js';
import { indexOperations, indexReadings } from './operation-index.js';
import { OPERATIONS } from './operations.js';

/** A list of operations with lookup. */
export interface OperationSet {
  operations(): readonly Operation[];
  get(id: string): Operation | null;
  /** The operation to which a method and a concrete path (a query is allowed) belong; null where there is none. */
  find(method: string, path: string): Operation | null;
  /** As find, but all such operations. Several share a path and method where each takes another kind of body. */
  findAll(method: string, path: string): readonly Operation[];
  /** All operations, of any method, to which a reading of a path may belong; see pathReadings. */
  matching(levels: readonly string[]): readonly Operation[];
}

/** Creates a set of operations with distinct ids. Of several with the same path and method, `find` returns the first. */
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

/** The operations of the pack. */
export const TPE_OPERATIONS = createOperationSet(OPERATIONS);

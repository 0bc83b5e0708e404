import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from './operation.js';
import { flagsOf } from './risk.js';

/** As the files have it: what is left out is false, empty or null. */
type StoredOperation = Pick<Operation, 'id' | 'name' | 'method' | 'path' | 'risk' | 'idempotent' | 'models'> &
  Partial<Operation>;

/** Ours, and checked against operation.schema.json by the tests. */
interface StoredCategory {
  category: string;
  operations: StoredOperation[];
}

const FOLDER = join(__dirname, 'operations');

/** The TPE operations that we know, TPEDM's 57 first. */
export const OPERATIONS: readonly Operation[] = tpedmFirst(readdirSync(FOLDER).sort().flatMap(readCategory));

function readCategory(file: string): Operation[] {
  const { category, operations } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as StoredCategory;
  return operations.map((operation) => ({
    category,
    parameters: [],
    query: {},
    bodySchema: null,
    bodyExample: null,
    answerSchema: null,
    answerExample: null,
    classes: [],
    refusedBecause: null,
    tpedm: false,
    source: 'tpe',
    ...operation,
    ...flagsOf(operation.classes ?? []),
  }));
}

function tpedmFirst(operations: Operation[]): Operation[] {
  return [...operations.filter(({ tpedm }) => tpedm), ...operations.filter(({ tpedm }) => !tpedm)];
}

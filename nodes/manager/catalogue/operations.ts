import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from './operation.js';
import { flagsOf } from './risk.js';

/** An operation as the files have it: fields that are left out are false, empty or null. */
type StoredOperation = Pick<Operation, 'id' | 'name' | 'method' | 'path' | 'risk' | 'idempotent' | 'models'> &
  Partial<Operation>;

/** A file of the pack. The tests check it against operation.schema.json, so it is not checked at run time. */
interface StoredCategory {
  category: string;
  operations: StoredOperation[];
}

const FOLDER = join(__dirname, 'operations');

/** All operations of TPE that the pack knows, TPEDM's 57 first. */
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
    restarts: false,
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

import { setImmediate as breath } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../tpe-error.js';
import type { ImportReport, Operation } from '../catalogue.js';
import type { OperationSet } from '../operation-set.js';
import { readImportFile } from './import-file.js';
import { acceptOperation } from './read-operation.js';

/** How many own operations there may be. */
export const MOST_OWN = 2000;

/** What a file would change in a catalogue: the report, and the operations to save. Rejects as readImportFile throws. */
export async function planImport(
  text: string,
  catalogue: OperationSet,
): Promise<{ report: ImportReport; operations: Operation[] }> {
  const { format, entries } = readImportFile(text);
  const report: ImportReport = { format, added: [], changed: [], same: [], refused: [] };
  const operations = new Map<string, Operation>();
  let count = catalogue.operations().filter(({ source }) => source === 'own').length;

  function take(operation: Operation): void {
    const known = twin(catalogue, operation);
    if (known !== null) return void report.same.push(known.id);
    if (operations.has(operation.id)) throw new Error(`the file has ${operation.id} twice`);
    const before = catalogue.get(operation.id);
    if (before === null && count >= MOST_OWN)
      throw new Error(`there may be ${MOST_OWN} own operations at most`);
    conflict(catalogue, operation);
    if (before !== null && isDeepStrictEqual(plain(before), plain(operation))) {
      report.same.push(operation.id);
      return;
    }
    if (before === null) count += 1;
    report[before === null ? 'added' : 'changed'].push(operation.id);
    operations.set(operation.id, operation);
  }

  for (const { place, name, read } of entries) {
    // Trying schemas takes a while, and gateways do not wait.
    await breath();
    try {
      take(acceptOperation(read()));
    } catch (error) {
      report.refused.push({ place, name, reason: messageOf(error) });
    }
  }
  return { report, operations: [...operations.values()] };
}

/** Throws where the name is taken by another operation of the category: it could not be told apart. */
export function conflict(catalogue: OperationSet, { id, category, name }: Operation): void {
  const other = catalogue
    .operations()
    .find((one) => one.id !== id && one.category === category && one.name === name);
  if (other) {
    throw new Error(
      `the category "${category}" has an operation "${name}" already (${other.id}): give it another name`,
    );
  }
}

/** The operation of the pack that this one is, under the name that it has there. */
function twin(catalogue: OperationSet, { category, name, method, path, query }: Operation): Operation | null {
  const isTwin = (one: Operation) =>
    one.source === 'tpe' &&
    one.category === category &&
    one.name === name &&
    one.method === method &&
    one.path === path &&
    Object.entries(one.query).every(([key, value]) => query[key] === value);
  return catalogue.operations().find(isTwin) ?? null;
}

/** Without the difference between what is missing and what is undefined. */
function plain(operation: Operation): unknown {
  return JSON.parse(JSON.stringify(operation));
}

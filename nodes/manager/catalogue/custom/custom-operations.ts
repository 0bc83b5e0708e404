import { isDeepStrictEqual } from 'node:util';
import type { Database, Queryable } from '../../database/database.js';
import { isStorable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { withoutSecrets } from '../blank-secrets.js';
import { catalogueReason } from '../catalogue-reasons.js';
import { FOREIGN_ID, readOwnOperation } from '../custom-operation.js';
import { createNames, nameTaken, planImport, RESERVED } from '../import/import-plan.js';
import type { ImportOptions, ImportReport } from '../import/import-report.js';
import { MAX_OPERATIONS } from '../import/most-operations.js';
import { readPrefix } from '../import/path-prefix.js';
import { checkInWorker, readInWorker } from '../import/read-in-worker.js';
import type { Operation } from '../operation.js';
import { OPERATIONS } from '../operations.js';
import { LOCK } from '../seed-catalogue.js';
import { addCopies, removeCopies, removeEmptyCategories, withoutCopies } from '../tpedm-mirror.js';
import { deleteOwn, readStored, type StoredOperations, writeOwn } from './custom-store.js';

/** The most bytes of all custom operations together, since each manager has them in memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Imports a file. Arguments, result and errors are those of Catalogue.importOperations. */
export async function importOperations(
  database: Database,
  text: string,
  { dryRun = false, prefix }: ImportOptions,
): Promise<ImportReport> {
  const content = await readInWorker(text, prefix === undefined ? undefined : readPrefix(prefix));
  if (dryRun) {
    const { own, foreign } = operationsOf(await readStored(database));
    return (await planImport(content, own, foreign)).report;
  }
  return await locked(database, async (transaction) => {
    const { own, foreign } = operationsOf(await readStored(transaction));
    const { report, operations } = await planImport(content, own, foreign);
    await store(transaction, operations);
    return report;
  });
}

/** Saves one operation. Argument, result and errors are those of Catalogue.saveOperation. */
export async function saveOperation(database: Database, given: unknown): Promise<Operation> {
  const operation = withoutSecrets(readOwnOperation(given));
  if (FOREIGN_ID.test(operation.id)) throw new TpeError('INVALID_INPUT', RESERVED, { field: 'id' });
  await checkInWorker(operation);
  return await locked(database, async (transaction) => {
    const { own, foreign } = operationsOf(await readStored(transaction));
    const before = own.find(({ id }) => id === operation.id);
    if (isDeepStrictEqual(before, operation)) return operation;
    const taken = createNames([...OPERATIONS, ...own, ...foreign]).takenBy(operation);
    if (taken !== undefined) throw new TpeError('CONFLICT', nameTaken(operation, taken), { field: 'name' });
    if (before === undefined && own.length >= MAX_OPERATIONS) {
      throw new TpeError(
        'CONFLICT',
        catalogueReason('too-many-custom-operations', { count: MAX_OPERATIONS }),
      );
    }
    await store(transaction, [operation]);
    return operation;
  });
}

/** Removes one operation. Argument and errors are those of Catalogue.removeOperation. */
export async function removeOperation(database: Database, id: string): Promise<void> {
  const operation = JSON.stringify(String(id).slice(0, 100).toWellFormed());
  if (OPERATIONS.some((one) => one.id === id)) {
    throw new TpeError('FORBIDDEN', catalogueReason('operation-of-the-pack', { operation }));
  }
  if (FOREIGN_ID.test(id)) {
    throw new TpeError('FORBIDDEN', catalogueReason('operation-of-others', { operation }));
  }
  const unknown = new TpeError('NOT_FOUND', catalogueReason('custom-operation-unknown', { operation }));
  if (!isStorable(id)) throw unknown;
  await locked(database, async (transaction) => {
    await removeCopies(transaction, [id]);
    if (!(await deleteOwn(transaction, id))) throw unknown;
    await removeEmptyCategories(transaction);
  });
}

/**
 * Writes missing copies of custom operations into TPEDM's tables again. Copies can be missing after somebody restored a backup
 * of those tables alone. Rejects as the database does.
 */
export async function restoreCopies(database: Database): Promise<void> {
  if ((await withoutCopies(database)).size === 0) return;
  await locked(database, async (transaction) => {
    const missing = await withoutCopies(transaction);
    const { own } = operationsOf(await readStored(transaction));
    await addCopies(
      transaction,
      own.filter(({ id }) => missing.has(id)),
    );
  });
}

/** Runs work in a transaction with a lock, so that no other change and no seeding of the catalogue runs at the same time. */
async function locked<T>(database: Database, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  return await database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [LOCK]);
    return await work(transaction);
  });
}

async function store(transaction: Queryable, operations: readonly Operation[]): Promise<void> {
  if (operations.length === 0) return;
  await removeCopies(
    transaction,
    operations.map(({ id }) => id),
  );
  await writeOwn(transaction, operations);
  await refuseTooMuch(transaction);
  await addCopies(transaction, operations);
  await removeEmptyCategories(transaction);
}

async function refuseTooMuch(transaction: Queryable): Promise<void> {
  const [size] = await transaction.query<{ bytes: number }>(
    'select coalesce(sum(octet_length(definition::text)), 0)::int8 as bytes from tpe_operation',
  );
  if (size !== undefined && size.bytes > MAX_BYTES) {
    const reason = catalogueReason('custom-operations-too-large', { size: MAX_BYTES / 1024 / 1024 });
    throw new TpeError('CONFLICT', reason);
  }
}

function operationsOf({ own, foreign }: StoredOperations): { own: Operation[]; foreign: Operation[] } {
  return { own: own.map(({ operation }) => operation), foreign: foreign.map(({ operation }) => operation) };
}

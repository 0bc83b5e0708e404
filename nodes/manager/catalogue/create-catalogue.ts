import type { Database } from '../database/database.js';
import { isUnavailable } from '../database/unavailable.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { yieldToEventLoop } from '../shared/yield-to-event-loop.js';
import type { Catalogue, CategoryRow, OperationsFile } from './catalogue.js';
import { createOwnCache } from './custom/custom-cache.js';
import {
  importOperations,
  removeOperation,
  restoreCopies,
  saveOperation,
} from './custom/custom-operations.js';
import { FOREIGN_ID, generatedId } from './custom-operation.js';
import type { Operation } from './operation.js';
import { readOperationRows } from './operation-rows.js';
import { TPE_OPERATIONS } from './operation-set.js';

export interface CatalogueOptions {
  /** Called when custom operations were changed through this catalogue, once the catalogue shows the change. */
  onChange?(): void;
  /** Called with a text for each stored operation that cannot be read. */
  warn?(text: string): void;
}

export interface CatalogueKeeper extends Catalogue {
  /**
   * Reads the custom operations, and writes missing copies of them into TPEDM's tables. Before, the catalogue has no custom
   * operations. Rejects as the database does.
   */
  open(): Promise<void>;
  /** Reads the custom operations again; resolves with true if others have changed any. Rejects as the database does. */
  reload(): Promise<boolean>;
  /** As `reload`, but cheap where nothing has changed. */
  maintain(): Promise<boolean>;
}

/** Creates the catalogue on a migrated database: the pack's operations, the custom ones, and the tables for TPEDM's tools. */
export function createCatalogue(
  database: Database,
  { onChange = () => undefined, warn = () => undefined }: CatalogueOptions = {},
): CatalogueKeeper {
  const own = createOwnCache(database, warn);

  async function changing<T>(work: Promise<T>): Promise<T> {
    const result = await work;
    if (await own.reload()) onChange();
    return result;
  }

  const findAll = (method: string, path: string) => {
    const found = TPE_OPERATIONS.findAll(method, path);
    return found.length > 0 ? found : own.set().findAll(method, path);
  };

  return {
    async open() {
      await restoreCopies(database).catch((error) => {
        if (isUnavailable(error)) throw error;
        // Only TPEDM's tools need the copies, so the manager starts without them.
        warn(`Custom operations could not be copied into dm_operation again: ${messageOf(error)}`);
      });
      await own.reload();
    },
    reload: own.reload,
    maintain: own.maintain,
    operations: () => [...TPE_OPERATIONS.operations(), ...own.set().operations()],
    get: (id) => TPE_OPERATIONS.get(id) ?? own.set().get(id),
    find: (method, path) => findAll(method, path)[0] ?? null,
    findAll,
    matching: (levels) => [...TPE_OPERATIONS.matching(levels), ...own.set().matching(levels)],
    importOperations: (text, options = {}) =>
      options.dryRun === true
        ? importOperations(database, text, options)
        : changing(importOperations(database, text, options)),
    saveOperation: (operation) => changing(saveOperation(database, operation)),
    removeOperation: (id) => changing(removeOperation(database, id)),
    exportOperations: () => exportFile(own.set().operations()),
    categories: () =>
      database.query<CategoryRow & Record<string, unknown>>('select id, name from dm_category order by id'),
    async operationRows(categoryid) {
      if (
        categoryid !== undefined &&
        !(Number.isInteger(categoryid) && categoryid >= 0 && categoryid < 2 ** 31)
      ) {
        throw new TpeError('INVALID_INPUT', '"categoryid" must be the id of a category, a whole number.', {
          field: 'categoryid',
        });
      }
      return await readOperationRows(database, categoryid ?? null, own.set());
    },
  };
}

/**
 * Makes the file of an export. Ids with the number of a row get a new one, since that number means nothing in another database.
 */
async function exportFile(all: readonly Operation[]): Promise<OperationsFile> {
  const operations: OperationsFile['operations'] = [];
  for (const { source: _source, tpedm: _tpedm, refusedBecause: _refused, id, ...operation } of all) {
    await yieldToEventLoop();
    operations.push({
      id: FOREIGN_ID.test(id) ? generatedId(operation.name, [operation.category, operation.name]) : id,
      // A copy, so that the caller cannot change the catalogue.
      ...structuredClone(operation),
    });
  }
  return { format: 'tpe-operations', version: 1, operations };
}

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
  /** Told when the users' operations were changed through this catalogue, and can be found so. */
  onChange?(): void;
  /** Told of what is stored and cannot be read. */
  warn?(text: string): void;
}

export interface CatalogueKeeper extends Catalogue {
  /** Reads the users' operations, and puts missing copies of them into TPEDM's tables. Until then there are none. */
  open(): Promise<void>;
  /** Looks what others have changed; resolves with true when that is something. Rejects as the database does. */
  reload(): Promise<boolean>;
  /** The same, and cheap where nothing has changed. */
  maintain(): Promise<boolean>;
}

/** The catalogue: what we know of TPE's operations, those of the users, and the tables that TPEDM's tools read. */
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
        // What only old tools need is no reason not to start.
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

/** The number of a row means nothing in another database. */
async function exportFile(all: readonly Operation[]): Promise<OperationsFile> {
  const operations: OperationsFile['operations'] = [];
  for (const { source: _source, tpedm: _tpedm, refusedBecause: _refused, id, ...operation } of all) {
    await yieldToEventLoop();
    operations.push({
      id: FOREIGN_ID.test(id) ? generatedId(operation.name, [operation.category, operation.name]) : id,
      // A copy: what the caller does with it must not change the catalogue.
      ...structuredClone(operation),
    });
  }
  return { format: 'tpe-operations', version: 1, operations };
}

import type { Database } from '../database/database.js';
import { messageOf, TpeError } from '../tpe-error.js';
import type { Catalogue, CategoryRow, Operation, OperationRow } from './catalogue.js';
import { createOperationSet, TPE_OPERATIONS } from './operation-set.js';
import { OPERATIONS } from './operations.js';
import { createOwnStore, isForeign } from './own/own-store.js';
import { conflict, MOST_OWN, planImport } from './own/plan-import.js';
import { acceptOperation } from './own/read-operation.js';

export interface CatalogueOptions {
  /** Told after own operations have changed here. */
  onChange(): void;
  onFault(text: string): void;
}

/**
 * The catalogue: what we know of TPE's operations, the users' own, and the tables that TPEDM's tools read. Own operations are
 * there after the first reload. Where one has the method and path of an operation of TPE's, that one is found by them.
 */
export function createCatalogue(database: Database, options: CatalogueOptions): Catalogue {
  const store = createOwnStore(database, options.onFault);
  let set = TPE_OPERATIONS;
  const own = () => set.operations().filter(({ source }) => source === 'own');

  async function reload(): Promise<void> {
    const operations = await store.load();
    set = operations.length === 0 ? TPE_OPERATIONS : createOperationSet([...OPERATIONS, ...operations]);
  }

  async function changed(): Promise<void> {
    await reload();
    options.onChange();
  }

  return {
    operations: () => set.operations(),
    get: (id) => set.get(id),
    find: (method, path) => set.find(method, path),
    findAll: (method, path) => set.findAll(method, path),
    reload,
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
      return await database.query<OperationRow & Record<string, unknown>>(
        `select id, categoryid, name, command from dm_operation
         where $1::integer is null or categoryid = $1 order by id`,
        [categoryid ?? null],
      );
    },
    async importOperations(text, { dryRun = false } = {}) {
      await reload();
      const { report, operations } = await planImport(text, set);
      if (!dryRun && operations.length > 0) {
        await store.save(operations);
        await changed();
      }
      return report;
    },
    async saveOperation(given) {
      const operation = acceptOperation(given);
      await reload();
      const before = set.get(operation.id);
      if (isForeign(operation.id)) {
        throw new TpeError('CONFLICT', `${operation.id} stands in TPEDM's table alone: change it there.`);
      }
      if (before === null && own().length >= MOST_OWN) {
        throw new TpeError('CONFLICT', `There may be ${MOST_OWN} own operations at most.`);
      }
      try {
        conflict(set, operation);
      } catch (error) {
        throw new TpeError('CONFLICT', `The operation cannot be saved: ${messageOf(error)}.`);
      }
      await store.save([operation]);
      await changed();
      return operation;
    },
    async removeOperation(id) {
      const operation = set.get(id);
      if (operation?.source === 'tpe' || isForeign(id)) {
        throw new TpeError('CONFLICT', `${JSON.stringify(id)} is none of your own operations, so it stays.`);
      }
      if (!(await store.remove(id)))
        throw new TpeError('NOT_FOUND', `There is no own operation ${JSON.stringify(id)}.`);
      await changed();
    },
    exportOperations: () => ({ format: 'tpe-operations', version: 1, operations: own().map(exported) }),
  };
}

/** Those of TPEDM's table become own ones where they are imported. */
function exported({ refusedBecause: _, tpedm: _t, source: _s, ...operation }: Operation) {
  if (!isForeign(operation.id)) return operation;
  return { ...operation, id: operation.id.replace('own-dm-', 'own-from-dm-') };
}

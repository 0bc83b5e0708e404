import type { Database } from '../database/database.js';
import { TpeError } from '../tpe-error.js';
import type { Catalogue, CategoryRow, OperationRow } from './catalogue.js';
import { TPE_OPERATIONS } from './operation-set.js';

/** The catalogue: what we know of TPE's operations, and the tables that TPEDM's tools read. */
export function createCatalogue(database: Database): Catalogue {
  return {
    ...TPE_OPERATIONS,
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
  };
}

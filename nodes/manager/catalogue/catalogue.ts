import type { FromSchema } from 'json-schema-to-ts';
import { objectOf, text, textOrNull } from '../shared/value-schemas.js';
import type { ImportOptions, ImportReport } from './import/import-report.js';
import type { Operation } from './operation.js';
import type { OperationSet } from './operation-set.js';

/** The JSON Schema of a row of dm_category. */
export const CATEGORY_ROW = {
  ...objectOf({ id: { type: 'integer' }, name: text }),
  description: 'A category of the catalogue.',
} as const;
export type CategoryRow = FromSchema<typeof CATEGORY_ROW>;

/** The JSON Schema of a row of dm_operation, with the id of its operation. */
export const OPERATION_ROW = {
  ...objectOf({
    id: { type: 'integer', description: 'Of the row.' },
    categoryid: { type: 'integer' },
    name: text,
    command: { ...text, description: "JSON text in TPEDM's form." },
    operation: {
      ...textOrNull,
      description:
        'Id of the operation, by which it is sent and described; null for a row that cannot be read.',
    },
  }),
  description: 'An operation of the catalogue in a few words.',
} as const;
export type OperationRow = FromSchema<typeof OPERATION_ROW>;

/** The file by which custom operations get from one device manager to another. */
export interface OperationsFile {
  format: 'tpe-operations';
  version: 1;
  operations: Omit<Operation, 'source' | 'tpedm' | 'refusedBecause'>[];
}

/**
 * All operations: TPEDM's first, then the others of TPE, then custom ones (`source: 'own'`). Custom operations are in memory;
 * changes by another manager arrive with a short delay.
 *
 * A custom operation may have a path and method that the pack has too. `get` finds it by its id, but `find` and `findAll` then
 * return the pack's operations only, so that no import makes a check less strict. They return custom ones only where the pack
 * has none for that path and method.
 */
export interface Catalogue extends OperationSet {
  /** The rows of dm_category, by id. Rejects as the database does. */
  categories(): Promise<CategoryRow[]>;
  /** The rows of dm_operation of one category, or of all, by id. Rejects with INVALID_INPUT, or as the database does. */
  operationRows(categoryid?: number): Promise<OperationRow[]>;
  /**
   * Adds the operations of a file as custom operations. The file is our own export, TPEDM's command.json, or an OpenAPI 3
   * document (JSON or YAML). All valid operations are written in one transaction; the report gives the reason for each other one.
   * With `dryRun` it returns the same report and writes nothing. Rejects with INVALID_INPUT for a file that cannot be read or
   * has more than 5 MB, and for a prefix that is no path; with BUSY when too many files wait; and with CONFLICT when all custom
   * operations together would be too large.
   */
  importOperations(text: string, options?: ImportOptions): Promise<ImportReport>;
  /**
   * Adds a custom operation, or replaces the one with the same id. Fields that are left out are filled in, the id too. Rejects
   * with INVALID_INPUT; with FORBIDDEN for a path that is always refused; with CONFLICT for a name that its category already has,
   * or when there are too many custom operations; and with BUSY when too many schemas wait to be checked.
   */
  saveOperation(operation: unknown): Promise<Operation>;
  /** Removes a custom operation. Rejects with NOT_FOUND, and with FORBIDDEN for an operation of the pack or of dm_operation. */
  removeOperation(id: string): Promise<void>;
  /** The custom operations as a file that another device manager can import. */
  exportOperations(): Promise<OperationsFile>;
}

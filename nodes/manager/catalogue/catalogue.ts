import type { FromSchema } from 'json-schema-to-ts';
import { objectOf, text, textOrNull } from '../shared/value-schemas.js';
import type { ImportOptions, ImportReport } from './import/import-report.js';
import type { Operation } from './operation.js';
import type { OperationSet } from './operation-set.js';

/** A row of dm_category. */
export const CATEGORY_ROW = {
  ...objectOf({ id: { type: 'integer' }, name: text }),
  description: 'A category of the catalogue.',
} as const;
export type CategoryRow = FromSchema<typeof CATEGORY_ROW>;

/** A row of dm_operation. */
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

/** Our own file of users' operations. */
export interface OperationsFile {
  format: 'tpe-operations';
  version: 1;
  operations: Omit<Operation, 'source' | 'tpedm' | 'refusedBecause'>[];
}

/**
 * All operations: TPEDM's first, then the others of TPE, then those of the users (`source: 'own'`), as they were when last
 * looked at; what another manager changes is seen in a moment. An own operation may be for a path and method that TPE's
 * catalogue has too: it has an id of its own, by which it is had, while find and findAll give TPE's alone. Only where TPE's
 * catalogue has nothing for a path and method do they give own ones, so that no import makes a check looser.
 */
export interface Catalogue extends OperationSet {
  /** dm_category, by id. */
  categories(): Promise<CategoryRow[]>;
  /** dm_operation of one category, or all, by id. */
  operationRows(categoryid?: number): Promise<OperationRow[]>;
  /**
   * Adds the operations of a file to those of the users: our own export, TPEDM's command.json, or an OpenAPI 3 document
   * (JSON or YAML); good ones go in, in one transaction, and each other one is told with its reason. `dryRun` tells the same
   * and writes nothing. INVALID_INPUT for a file that cannot be read, or has more than 5 MB, and for a prefix that is no path.
   */
  importOperations(text: string, options?: ImportOptions): Promise<ImportReport>;
  /**
   * Adds an operation of the users, or puts it in place of the one with its id; what is left out is filled in, the id too.
   * INVALID_INPUT, FORBIDDEN for what is refused always, CONFLICT for a name that its category has already.
   */
  saveOperation(operation: unknown): Promise<Operation>;
  /** Removes an operation of the users. NOT_FOUND, FORBIDDEN for one that is not theirs to remove here. */
  removeOperation(id: string): Promise<void>;
  /** The operations of the users, as a file that can be imported elsewhere. */
  exportOperations(): Promise<OperationsFile>;
}

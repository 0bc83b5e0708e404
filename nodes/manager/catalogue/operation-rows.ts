import type { Queryable, Row } from '../database/database.js';
import { yieldToEventLoop } from '../shared/yield-to-event-loop.js';
import type { OperationRow } from './catalogue.js';
import type { OperationSet } from './operation-set.js';
import { OPERATIONS } from './operations.js';
import { tpedmCommand } from './seed-catalogue.js';

interface StoredRow extends Row {
  id: number;
  categoryid: number;
  name: string;
  command: string;
  category: string | null;
  /** The id of the custom operation of which the row is a copy; null if it is none. */
  own: string | null;
}

/** It does not read the names of custom operations, since these are in the definitions, which are large. */
const ROWS = `
  select operation.id, operation.categoryid, operation.name, operation.command, category.name as category, own.id as own
  from dm_operation as operation
    left join (select id, min(name) as name from dm_category group by id) as category on category.id = operation.categoryid
    left join (
      select dm_operation_id, dm_command, min(id) as id from tpe_operation
      where dm_operation_id is not null group by dm_operation_id, dm_command
    ) as own on own.dm_operation_id = operation.id and own.dm_command = operation.command
  where $1::integer is null or operation.categoryid = $1
  order by operation.id`;
const PIECE = 200;

/** The ids of the pack's operations, by category and name, and by category and command text. */
const BY_NAME = new Map(
  OPERATIONS.map(({ id, category, name }): [string, string] => [JSON.stringify([category, name]), id]),
);
const BY_COMMAND = new Map(
  OPERATIONS.toReversed().map((operation): [string, string] => [
    JSON.stringify([operation.category, tpedmCommand(operation)]),
    operation.id,
  ]),
);

/**
 * Reads rows of dm_operation, each with the id of its operation in the catalogue. `categoryid` null: the rows of all categories.
 * `own` are the custom operations. Rejects as the database does.
 */
export async function readOperationRows(
  queryable: Queryable,
  categoryid: number | null,
  own: Pick<OperationSet, 'get'>,
): Promise<OperationRow[]> {
  const rows: OperationRow[] = [];
  for (const row of await queryable.query<StoredRow>(ROWS, [categoryid])) {
    if (rows.length % PIECE === 0) await yieldToEventLoop();
    const { id, name, command } = row;
    rows.push({ id, categoryid: row.categoryid, name, command, operation: operationOf(row, own) });
  }
  return rows;
}

/** Null for a row that cannot be read as an operation. */
function operationOf(
  { id, category, name, command, own: copied }: StoredRow,
  own: Pick<OperationSet, 'get'>,
): string | null {
  // If somebody has changed the name in the row, it is no copy any more, but an operation of its own.
  if (copied !== null && own.get(copied)?.name === name) return copied;
  const packed =
    BY_NAME.get(JSON.stringify([category, name])) ?? BY_COMMAND.get(JSON.stringify([category, command]));
  if (packed !== undefined) return packed;
  return own.get(`own-dm-${id}`)?.id ?? null;
}

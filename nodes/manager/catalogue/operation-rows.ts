import { breathe } from '../database/breathe.js';
import type { Queryable, Row } from '../database/database.js';
import type { OperationRow } from './catalogue.js';
import { OPERATIONS } from './operations.js';
import { tpedmCommand } from './seed-catalogue.js';

interface StoredRow extends Row {
  id: number;
  categoryid: number;
  name: string;
  command: string;
  category: string | null;
  /** Of the users' operation that the row is a copy of. */
  own: string | null;
}

/** A row that somebody changed is no copy any more, but an operation of its own. */
const ROWS = `
  select operation.id, operation.categoryid, operation.name, operation.command, category.name as category, own.id as own
  from dm_operation as operation
    left join (select id, min(name) as name from dm_category group by id) as category on category.id = operation.categoryid
    left join lateral (
      select tpe_operation.id from tpe_operation
      where dm_operation_id = operation.id and dm_command = operation.command
        and definition->>'name' = operation.name
      order by tpe_operation.id limit 1) as own on true
  where $1::integer is null or operation.categoryid = $1
  order by operation.id`;
const PIECE = 200;

/** Ids of what came with the pack: by its category and its name, and by its category and what is sent. */
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
 * Rows of dm_operation, of one category or all, each with the id that its operation has in the catalogue. `isKnown` tells
 * whether the users have an operation with an id. Rejects as the database does.
 */
export async function readOperationRows(
  queryable: Queryable,
  categoryid: number | null,
  isKnown: (id: string) => boolean,
): Promise<OperationRow[]> {
  const rows: OperationRow[] = [];
  for (const row of await queryable.query<StoredRow>(ROWS, [categoryid])) {
    if (rows.length % PIECE === 0) await breathe();
    const { id, name, command } = row;
    rows.push({ id, categoryid: row.categoryid, name, command, operation: operationOf(row, isKnown) });
  }
  return rows;
}

/** Null for a row that cannot be read as an operation. */
function operationOf(
  { id, category, name, command, own }: StoredRow,
  isKnown: (id: string) => boolean,
): string | null {
  if (own !== null) return own;
  const packed =
    BY_NAME.get(JSON.stringify([category, name])) ?? BY_COMMAND.get(JSON.stringify([category, command]));
  if (packed !== undefined) return packed;
  const foreign = `own-dm-${id}`;
  return isKnown(foreign) ? foreign : null;
}

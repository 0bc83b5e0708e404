import type { Queryable, Row } from '../database/database.js';
import type { Operation } from './operation.js';
import { CATCH_UP, tpedmCommand } from './seed-catalogue.js';

/** SQL: the row of dm_operation still is our copy. A row that somebody changed is theirs and stays as it is. */
const IS_COPY = `operation.id = own.dm_operation_id and operation.command = own.dm_command
  and operation.name = own.definition->>'name'`;

const REMOVE = `
  delete from dm_operation as operation using tpe_operation as own
  where own.id = any($1::text[]) and ${IS_COPY}`;

const ADD_CATEGORIES = `
  with added as (
    insert into dm_category (name)
    select distinct name from unnest($1::text[]) as wanted (name)
    where not exists (select from dm_category where dm_category.name = wanted.name)
    returning id)
  insert into tpe_own_category (dm_category_id) select id from added`;

const ADD = `
  with row as (
    insert into dm_operation (categoryid, name, command)
    select min(id), $2, $3 from dm_category where name = $1
    returning id)
  update tpe_operation set dm_operation_id = (select id from row), dm_command = $3 where id = $4`;

const REMOVE_CATEGORIES = `
  delete from dm_category as category using tpe_own_category as own
  where category.id = own.dm_category_id
    and not exists (select from dm_operation where categoryid = category.id)`;
const FORGET_CATEGORIES = `
  delete from tpe_own_category as own
  where not exists (select from dm_category where id = own.dm_category_id)`;

const WITHOUT_COPY = `
  select own.id from tpe_operation as own
  where not exists (select from dm_operation as operation where ${IS_COPY})`;

/**
 * Removes the copies of these operations from TPEDM's tables. Call it before the operations are changed or removed, since their
 * rows say which copies are ours. Rejects as the database does.
 */
export async function removeCopies(transaction: Queryable, ids: readonly string[]): Promise<void> {
  await transaction.query(REMOVE, [ids]);
}

/** Copies stored operations into TPEDM's tables, for its tools. Rejects as the database does. */
export async function addCopies(transaction: Queryable, operations: readonly Operation[]): Promise<void> {
  if (operations.length === 0) return;
  for (const statement of CATCH_UP) await transaction.query(statement);
  await transaction.query(ADD_CATEGORIES, [operations.map(({ category }) => category)]);
  for (const operation of operations) {
    await transaction.query(ADD, [operation.category, operation.name, tpedmCommand(operation), operation.id]);
  }
}

/** Removes the categories that were added for copies and are empty now. Rejects as the database does. */
export async function removeEmptyCategories(transaction: Queryable): Promise<void> {
  await transaction.query(REMOVE_CATEGORIES);
  await transaction.query(FORGET_CATEGORIES);
}

/** The ids of custom operations whose copy is missing. Rejects as the database does. */
export async function withoutCopies(queryable: Queryable): Promise<Set<string>> {
  const rows = await queryable.query<{ id: string } & Row>(WITHOUT_COPY);
  return new Set(rows.map(({ id }) => id));
}

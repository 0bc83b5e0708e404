import type { Database, Queryable } from '../database/database.js';
import type { Operation } from './operation.js';
import { OPERATIONS } from './operations.js';

/** Any number that no other part locks. */
export const LOCK = 7_311_002;

const PRESENT = `
  select category.name as category, operation.name
  from dm_operation as operation join dm_category as category on category.id = operation.categoryid`;

/** Rows that were put in with ids of their own leave the sequence behind them. */
export const CATCH_UP = ['dm_category', 'dm_operation'].map(
  (table) => `
  select setval(sequence, greatest(nextval(sequence), highest))
  from pg_get_serial_sequence('${table}', 'id') as found (sequence), (select max(id) as highest from ${table}) as ids
  where sequence is not null and highest is not null`,
);

/** What earlier versions called an operation had no name of its own. */
const RENAME = `
  update dm_operation as operation set name = seed.name
  from unnest($1::text[], $2::text[], $3::text[]) as seed (category, name, command)
    join dm_category as category on category.name = seed.category
  where operation.categoryid = category.id and operation.command = seed.command
    and operation.name ~ '^(Get|Set|Update|Create|Delete|Run) /'`;

const ADD_CATEGORIES = `
  insert into dm_category (name)
  select seed.name from unnest($1::text[]) with ordinality as seed (name, place)
  where not exists (select from dm_category where dm_category.name = seed.name)
  order by seed.place`;

const ADD_OPERATIONS = `
  insert into dm_operation (categoryid, name, command)
  select category.id, seed.name, seed.command
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality as seed (category, name, command, place)
    join (select name, min(id) as id from dm_category group by name) as category on category.name = seed.category
  order by seed.place`;

/**
 * Fills dm_category and dm_operation as TPEDM has them. What stands there already, TPEDM's or a user's, is left as it is;
 * what can not be done over MQTT is left out, since TPEDM's tools would offer it. When nothing is missing, nothing is
 * locked and nothing is written. Rejects as the database does.
 */
export async function seedCatalogue(database: Database): Promise<void> {
  if ((await missingFrom(database)).length === 0) return;
  await database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [LOCK]);
    // Another instance may have been quicker.
    await transaction.query(RENAME, seedsOf(await missingFrom(transaction)));
    const missing = await missingFrom(transaction);
    if (missing.length === 0) return;
    for (const statement of CATCH_UP) await transaction.query(statement);
    await transaction.query(ADD_CATEGORIES, [[...new Set(missing.map(({ category }) => category))]]);
    await transaction.query(ADD_OPERATIONS, seedsOf(missing));
  });
}

/** Columns: category, name, command. */
function seedsOf(operations: readonly Operation[]): string[][] {
  return [
    operations.map(({ category }) => category),
    operations.map(({ name }) => name),
    operations.map(tpedmCommand),
  ];
}

/** The operations that the tables ought to offer and do not: one is known by its category and its name. */
async function missingFrom(queryable: Queryable): Promise<Operation[]> {
  const rows = await queryable.query<{ category: string; name: string }>(PRESENT);
  const present = new Set(rows.map(({ category, name }) => JSON.stringify([category, name])));
  return OPERATIONS.filter(({ category, name, refusedBecause }) => {
    return refusedBecause === null && !present.has(JSON.stringify([category, name]));
  });
}

/** The request as text in TPEDM's form, with its placeholders. */
export function tpedmCommand(operation: Operation): string {
  const query = new URLSearchParams(operation.query).toString();
  return JSON.stringify({
    path: query === '' ? operation.path : `${operation.path}?${query}`,
    method: operation.method,
    headers: [{ 'request-expired-time': '{expired-time}' }, { 'request-id': '{request-id}' }],
    requestBody: operation.bodyExample ?? {},
  });
}

import type { Database, Queryable } from '../database/database.js';
import type { Operation } from './operation.js';
import { OPERATIONS } from './operations.js';

/** The key of the advisory lock for changes of the catalogue; any number that no other part uses. */
export const LOCK = 7_311_002;

const PRESENT = `
  select category.name as category, operation.name
  from dm_operation as operation join dm_category as category on category.id = operation.categoryid`;

/**
 * Moves the sequences beyond the highest ids. Rows that somebody inserted with explicit ids do not move them, so the next
 * generated id could exist already.
 */
export const CATCH_UP = ['dm_category', 'dm_operation'].map(
  (table) => `
  select setval(sequence, greatest(nextval(sequence), highest))
  from pg_get_serial_sequence('${table}', 'id') as found (sequence), (select max(id) as highest from ${table}) as ids
  where sequence is not null and highest is not null`,
);

/** Renames operations to which earlier versions gave a generated name, such as `Get /...`. */
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
 * Fills dm_category and dm_operation for TPEDM's tools. Existing rows, of TPEDM or of a user, stay as they are, except for
 * generated names of earlier versions. Operations that cannot be done over MQTT are left out, since the tools would offer them.
 * If nothing is missing, it neither locks nor writes. Rejects as the database does.
 */
export async function seedCatalogue(database: Database): Promise<void> {
  if ((await missingFrom(database)).length === 0) return;
  await database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [LOCK]);
    // Another instance may have filled the tables before this one got the lock, so what is missing is read again.
    await transaction.query(RENAME, seedsOf(await missingFrom(transaction)));
    const missing = await missingFrom(transaction);
    if (missing.length === 0) return;
    for (const statement of CATCH_UP) await transaction.query(statement);
    await transaction.query(ADD_CATEGORIES, [[...new Set(missing.map(({ category }) => category))]]);
    await transaction.query(ADD_OPERATIONS, seedsOf(missing));
  });
}

/** The columns category, name and command of the statements above. */
function seedsOf(operations: readonly Operation[]): string[][] {
  return [
    operations.map(({ category }) => category),
    operations.map(({ name }) => name),
    operations.map(tpedmCommand),
  ];
}

/** The operations that the tables should have but do not, compared by category and name. */
async function missingFrom(queryable: Queryable): Promise<Operation[]> {
  const rows = await queryable.query<{ category: string; name: string }>(PRESENT);
  const present = new Set(rows.map(({ category, name }) => JSON.stringify([category, name])));
  return OPERATIONS.filter(({ category, name, refusedBecause }) => {
    return refusedBecause === null && !present.has(JSON.stringify([category, name]));
  });
}

/** The request of an operation as JSON text in TPEDM's form, with placeholders for path, expiry and request id. */
export function tpedmCommand(operation: Operation): string {
  const query = new URLSearchParams(operation.query).toString();
  return JSON.stringify({
    path: query === '' ? operation.path : `${operation.path}?${query}`,
    method: operation.method,
    headers: [{ 'request-expired-time': '{expired-time}' }, { 'request-id': '{request-id}' }],
    requestBody: operation.bodyExample ?? {},
  });
}

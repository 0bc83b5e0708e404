import type { Database } from '../database/database.js';
import type { Operation } from './catalogue.js';
import { OPERATIONS } from './operations.js';

/** Any number that no other part locks. */
const LOCK = 7_311_002;

const ADD_CATEGORIES = `
  insert into dm_category (name)
  select seed.name from unnest($1::text[]) with ordinality as seed (name, place)
  where not exists (select from dm_category where dm_category.name = seed.name)
  order by seed.place`;

const ADD_OPERATIONS = `
  insert into dm_operation (categoryid, name, command)
  select category.id, seed.name, seed.command
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality as seed (category, name, command, place)
    join lateral (select min(id) as id from dm_category where dm_category.name = seed.category) as category on true
  where not exists (
    select from dm_operation join dm_category on dm_category.id = dm_operation.categoryid
    where dm_category.name = seed.category and dm_operation.name = seed.name)
  order by seed.place`;

/**
 * Fills dm_category and dm_operation as TPEDM has them. What stands there already, TPEDM's or a user's, is left as it is;
 * what can not be done over MQTT is left out, since TPEDM's tools would offer it.
 */
export async function seedCatalogue(database: Database): Promise<void> {
  const offered = OPERATIONS.filter((operation) => operation.refusedBecause === null);
  await database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await transaction.query(ADD_CATEGORIES, [[...new Set(offered.map((operation) => operation.category))]]);
    await transaction.query(ADD_OPERATIONS, [
      offered.map((operation) => operation.category),
      offered.map((operation) => operation.name.slice(0, 100)),
      offered.map(tpedmCommand),
    ]);
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

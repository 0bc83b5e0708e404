import type { Database } from '../../database/database.js';
import { messageOf } from '../../tpe-error.js';
import type { Operation } from '../catalogue.js';
import { OPERATIONS } from '../operations.js';
import { CATALOGUE_LOCK, tpedmCommand } from '../seed-catalogue.js';
import { readOperation } from './read-operation.js';
import { fromTpedmCommand } from './tpedm-command.js';

/** The users' own operations in the database. */
export interface OwnStore {
  /** In order of their ids; what cannot be read is told once and left alone. */
  load(): Promise<Operation[]>;
  /** Adds or replaces them, all or none. */
  save(operations: readonly Operation[]): Promise<void>;
  /** False where there was none. */
  remove(id: string): Promise<boolean>;
}

const LOAD = 'select id, definition from tpe_operation order by id';

/** Rows that somebody put into TPEDM's table: they are ours to offer, and not ours to change. */
const FOREIGN = `
  select operation.id, category.name as category, operation.name, operation.command
  from dm_operation operation join dm_category category on category.id = operation.categoryid
  where not exists (select from tpe_operation own where own.dm_operation_id = operation.id)
  order by operation.id`;

const ADD_CATEGORIES = `
  insert into dm_category (name)
  select distinct name from unnest($1::text[]) as given (name)
  where not exists (select from dm_category where dm_category.name = given.name)`;

const SAVE = `
  insert into tpe_operation (id, definition, dm_operation_id)
  select given.id, given.definition::jsonb, nextval(pg_get_serial_sequence('dm_operation', 'id'))
  from unnest($1::text[], $2::text[]) as given (id, definition)
  on conflict (id) do update set definition = excluded.definition, updated_at = now()`;

const MIRROR = `
  insert into dm_operation (id, categoryid, name, command)
  select own.dm_operation_id, (select min(id) from dm_category where name = given.category), given.name, given.command
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (id, category, name, command)
    join tpe_operation own on own.id = given.id
  on conflict (id) do update
    set categoryid = excluded.categoryid, name = excluded.name, command = excluded.command`;

const REMOVE = `
  with gone as (delete from tpe_operation where id = $1 returning dm_operation_id)
  delete from dm_operation using gone where dm_operation.id = gone.dm_operation_id returning dm_operation.id`;

const FOREIGN_ID = /^own-dm-\d+$/;

/** True for an operation that stands in TPEDM's table alone. */
export function isForeign(id: string): boolean {
  return FOREIGN_ID.test(id);
}

/** `onFault` is told of rows that cannot be read, each once. */
export function createOwnStore(database: Database, onFault: (text: string) => void): OwnStore {
  const told = new Set<string>();
  const ours = new Set(OPERATIONS.map(({ category, name }) => JSON.stringify([category, name])));

  function attempt(label: string, read: () => Operation): Operation[] {
    try {
      return [read()];
    } catch (error) {
      if (!told.has(label)) onFault(`${label} is left out of the catalogue: ${messageOf(error)}`);
      told.add(label);
      return [];
    }
  }

  return {
    async load() {
      const own = await database.query<{ id: string; definition: unknown }>(LOAD);
      const foreign = await database.query<{ id: number; category: string; name: string; command: string }>(
        FOREIGN,
      );
      return [
        ...own.flatMap(({ id, definition }) =>
          attempt(`The own operation ${JSON.stringify(id)}`, () => readOperation(definition)),
        ),
        ...foreign
          .filter(({ category, name }) => !ours.has(JSON.stringify([category, name])))
          .flatMap(({ id, category, name, command }) =>
            attempt(`The operation ${JSON.stringify(name)} (row ${id} of dm_operation)`, () => ({
              ...readOperation(fromTpedmCommand(category, name, JSON.parse(command))),
              id: `own-dm-${id}`,
            })),
          ),
      ];
    },
    async save(operations) {
      const ids = operations.map(({ id }) => id);
      const categories = operations.map(({ category }) => category);
      await database.transaction(async (transaction) => {
        await transaction.query('select pg_advisory_xact_lock($1)', [CATALOGUE_LOCK]);
        await transaction.query(ADD_CATEGORIES, [categories]);
        await transaction.query(SAVE, [ids, operations.map((one) => JSON.stringify(one))]);
        const names = operations.map(({ name }) => name);
        await transaction.query(MIRROR, [ids, categories, names, operations.map(tpedmCommand)]);
      });
    },
    async remove(id) {
      return (await database.query(REMOVE, [id])).length > 0;
    },
  };
}

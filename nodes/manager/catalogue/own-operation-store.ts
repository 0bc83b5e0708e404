import type { Queryable, Row } from '../database/database.js';
import { messageOf, TpeError } from '../tpe-error.js';
import type { Operation } from './catalogue.js';
import { OPERATIONS } from './operations.js';
import { readOwnOperation } from './own-operation.js';
import { tpedmCommand } from './seed-catalogue.js';
import { readTpedmCommand } from './tpedm-command.js';

/** An operation of the users, as it is stored. */
export interface Stored {
  operation: Operation;
  /** What it was read from: the same text is the same operation. */
  text: string;
}

/** What cannot be read of what is stored, in words. */
export interface Unreadable {
  /** The same for the same row. */
  key: string;
  text: string;
}

export interface StoredOperations {
  /** Of tpe_operation, by id. */
  own: Stored[];
  /** Of dm_operation: those that are neither ours nor copies of ours. */
  foreign: Stored[];
  unreadable: Unreadable[];
}

interface OwnRow extends Row {
  id: string;
  definition: string;
}
interface ForeignRow extends Row {
  id: number;
  category: string | null;
  name: string | null;
  command: string | null;
}

const MOST_FOREIGN = 2000;
const NO_CATEGORY = 'Without a category';
/** Ids of operations that stand in dm_operation alone. */
export const FOREIGN_ID = /^own-dm-\d+$/;

const OWN = 'select id, definition::text as definition from tpe_operation order by place, id';

const FOREIGN = `
  select operation.id, category.name as category, operation.name, operation.command
  from dm_operation as operation
    left join (select id, min(name) as name from dm_category group by id) as category on category.id = operation.categoryid
  where not exists (
    select from tpe_operation where dm_operation_id = operation.id
      and dm_command = operation.command and definition->>'name' = operation.name)
  order by operation.id`;

/** What the pack puts into dm_operation: each is known by its category and its name, or its command. */
const OURS = new Set(
  OPERATIONS.flatMap((operation) => [
    JSON.stringify(['name', operation.category, operation.name]),
    JSON.stringify(['command', operation.category, tpedmCommand(operation)]),
  ]),
);

const WRITE = `
  insert into tpe_operation as stored (id, definition)
  select id, definition::json from unnest($1::text[], $2::text[]) with ordinality as given (id, definition, place)
  order by place
  on conflict (id) do update set definition = excluded.definition, updated_at = clock_timestamp()`;

/** Rejects as the database does. */
export async function readStored(queryable: Queryable): Promise<StoredOperations> {
  const stored: StoredOperations = { own: [], foreign: [], unreadable: [] };
  for (const { id, definition } of await queryable.query<OwnRow>(OWN)) {
    const name = `The operation ${JSON.stringify(id)} of tpe_operation`;
    take(stored, stored.own, { key: `own ${id} ${definition}`, name, text: definition }, () =>
      readOwnOperation({ ...(JSON.parse(definition) as object), id }),
    );
  }
  const known = new Set<string>();
  const rows = (await queryable.query<ForeignRow>(FOREIGN)).filter((row) => !isOurs(row));
  for (const row of rows.slice(0, MOST_FOREIGN)) {
    const id = `own-dm-${row.id}`;
    const { category, name, command } = row;
    const text = JSON.stringify([category, name, command]);
    const shownName = JSON.stringify(String(name).slice(0, 100).toWellFormed());
    const words = {
      key: `dm ${row.id} ${text}`,
      name: `The row ${row.id} (${shownName}) of dm_operation`,
      text,
    };
    take(stored, stored.foreign, words, () => {
      // TPEDM's own tables let an id stand twice.
      if (known.has(id)) throw new TpeError('CONFLICT', 'Its id stands there twice.');
      known.add(id);
      return readTpedmCommand(category ?? NO_CATEGORY, name, command, id);
    });
  }
  if (rows.length > MOST_FOREIGN) {
    const text = `dm_operation has ${rows.length} operations of its own: only the first ${MOST_FOREIGN} are in the catalogue.`;
    stored.unreadable.push({ key: 'too many', text });
  }
  return stored;
}

/** Adds operations, or puts them in place of what has their ids. Rejects as the database does. */
export async function writeOwn(queryable: Queryable, operations: readonly Operation[]): Promise<void> {
  await queryable.query(WRITE, [operations.map(({ id }) => id), operations.map(definitionOf)]);
}

/** True when it was there. */
export async function deleteOwn(queryable: Queryable, id: string): Promise<boolean> {
  return (await queryable.query('delete from tpe_operation where id = $1 returning id', [id])).length > 0;
}

function isOurs({ category, name, command }: ForeignRow): boolean {
  return (
    OURS.has(JSON.stringify(['name', category, name])) ||
    OURS.has(JSON.stringify(['command', category, command]))
  );
}

function take(
  { unreadable }: StoredOperations,
  list: Stored[],
  { key, name, text }: { key: string; name: string; text: string },
  read: () => Operation,
): void {
  try {
    list.push({ operation: read(), text });
  } catch (error) {
    const why = `${name} cannot be read, and is left as it is: ${messageOf(error)}`;
    unreadable.push({ key, text: why });
  }
}

/** Without what is the same for all. */
function definitionOf(operation: Operation): string {
  const { id: _id, source: _source, tpedm: _tpedm, refusedBecause: _refused, ...definition } = operation;
  return JSON.stringify(definition);
}

import { randomUUID } from 'node:crypto';
import { foldedName } from '../../shared/folded-name.js';
import type { Queryable, Row } from '../database.js';

interface Named extends Row {
  name: string;
}

const FILL = `
  update tpe_account set id = given.id, name_key = given.key, sign_out_mark = given.mark, enabled = enabled and not given.clashes
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[]) as given (name, id, key, mark, clashes)
  where tpe_account.name = given.name`;
const CONSTRAIN = `
  alter table tpe_account alter column id set not null, alter column name_key set not null,
    alter column sign_out_mark set not null, drop constraint tpe_account_pkey, add primary key (id);
  create unique index tpe_account_by_key on tpe_account (name_key);`;

/**
 * Gives accounts their ids and folded names, which SQL folds differently in each locale. When several names fold to the same one, the first
 * account keeps it. The others are disabled and get a key that nobody can type. Resolves with what the administrator must know.
 */
export async function giveIdentities(transaction: Queryable): Promise<string[]> {
  const rows = await transaction.query<Named>('select name from tpe_account order by created_at, name');
  // The administrator of the data folder already has this name.
  const owners = new Map([[foldedName('admin'), 'admin']]);
  const notes: string[] = [];
  const accounts = rows.map(({ name }) => {
    const id = randomUUID();
    const key = foldedName(name);
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, name);
    else
      notes.push(
        `The account ${JSON.stringify(name)} was disabled, since its name is that of ${JSON.stringify(owner)}: remove it, and give that person another one.`,
      );
    const clashes = owner !== undefined;
    return { name, id, key: clashes ? `${key} ${id}` : key, mark: randomUUID(), clashes };
  });
  await transaction.query(FILL, [
    accounts.map(({ name }) => name),
    accounts.map(({ id }) => id),
    accounts.map(({ key }) => key),
    accounts.map(({ mark }) => mark),
    accounts.map(({ clashes }) => clashes),
  ]);
  await transaction.execute(CONSTRAIN);
  return notes;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MOVED } from '../../../nodes/manager/database/migrations/036_presence_rows.js';
import { namesMadeBy } from '../../../nodes/manager/database/obstacles/names.js';
import { TPEDM_TABLES } from '../../../nodes/manager/database/obstacles/tpedm-columns.js';
import { opener } from '../../support/databases.js';

/** In a step behind a script, and under a name that is put together. */
const MADE_OTHERWISE = ['tpe_account_by_key', 'clientid_profile_one_per_clientid'];
/** Views are replaced in place. */
const VIEWS = new Set(['tpe_gateway']);
/** By a later migration, unless something of the site needs it. */
const DROPPED = ['search_text'];

describe('database: the names that migrations need', () => {
  const open = opener('pglite');
  const folder = join(__dirname, '../../../nodes/manager/database/migrations');
  const scripts = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  const read = scripts.map((file) => ({ name: file, script: readFileSync(join(folder, file), 'utf8') }));
  const names = namesMadeBy(read);

  it('are all read out of them: tables, indexes, sequences, views, functions, and new columns of TPEDM', async () => {
    const database = await open();
    const relations = await database.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'v', 'i')
         and not exists (select from pg_constraint where conindid = pg_class.oid)
         and not exists (select from pg_depend where objid = pg_class.oid and classid = 'pg_class'::regclass and deptype in ('a', 'i')
           and refobjsubid > 0 and relkind = 'S')
         and relname <> all($1)`,
      [[...Object.keys(TPEDM_TABLES), 'tpe_migration', 'dm_operation_by_category', ...MADE_OTHERWISE]],
    );
    expect([...names.relations.keys()]).to.include.members(relations.map(({ name }) => name));
    const functions = await database.query<{ name: string }>(
      `select proname as name from pg_proc where pronamespace = 'public'::regnamespace and proname like 'tpe%'`,
    );
    expect([...names.functions.keys()]).to.have.members(functions.map(({ name }) => name));
    for (const [table, known] of Object.entries(TPEDM_TABLES)) {
      const columns = await database.query<{ name: string }>(
        `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
           and attname <> all($2)`,
        [table, Object.keys(known)],
      );
      const ours = [...(names.columns.get(table) ?? [])];
      const left = table === 'clientid_profile' ? [...MOVED, ...DROPPED] : [];
      expect(ours, table).to.have.members([...columns.map(({ name }) => name), ...left]);
    }
    await database.close();
  });

  it('are each made once: one that is made anew would be taken for that of somebody else', () => {
    const made = read.flatMap((one) => [...namesMadeBy([one]).relations.keys()]);
    const again = made.filter((name, index) => made.indexOf(name) !== index && !VIEWS.has(name));
    expect(again).to.deep.equal([]);
  });
});

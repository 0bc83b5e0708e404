import { expect } from 'chai';
import type { Database, Row } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { migrateBefore, migrateOn } from '../../support/migrate-before.js';

const silent = { info: () => undefined };

eachDatabase('database: the redundancy set of a gateway', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await openDatabase(await open.emptyOptions());
    await migrateBefore(database, '038');
    await database.query(
      `insert into clientid_profile (clientid, connection_status, site)
       select 'gw-' || lpad(n::text, 5, '0'), false, 'Plant ' || n % 9 from generate_series(1, 5000) as n`,
    );
  });
  afterEach(() => database.close());

  async function fileOfTable(): Promise<unknown> {
    const [row] = await database.query("select pg_relation_filenode('clientid_profile') as file");
    return row!.file;
  }

  it('comes to a fleet without a rewrite of its table, and each gateway is in none', async () => {
    const file = await fileOfTable();
    await migrateOn(database, '038', '039');
    expect(await fileOfTable()).to.equal(file);
    await migrate(database, silent);
    const registry = createRegistry(database);
    expect(await registry.get('gw-00007')).to.include({ site: 'Plant 7', redundancy: '' });
    expect((await registry.counts({ redundancy: 'pumps' })).total).to.equal(0);
    await registry.update('gw-00007', { redundancy: 'pumps' });
    expect(await registry.get('gw-00007')).to.include({ site: 'Plant 7', redundancy: 'pumps' });
  });

  it('comes where a view of the site reads the view of all gateways, and leaves that as it was', async () => {
    await database.execute('create view of_ours as select * from tpe_gateway');
    const columns = async (view: string) =>
      (
        await database.query<Row & { name: string }>(
          `select attname::text as name from pg_attribute where attrelid = '${view}'::regclass and attnum > 0 order by attnum`,
        )
      ).map(({ name }) => name);
    const before = await columns('tpe_gateway');
    await migrate(database, silent);
    const now = await columns('tpe_gateway');
    expect(now.slice(0, before.length + 1)).to.deep.equal([...before, 'redundancy']);
    expect(await columns('of_ours')).to.deep.equal(before);
  });

  it('does not take a column of that name for its own, and says what to run', async () => {
    await database.execute("alter table clientid_profile add column redundancy text default 'yes'");
    const error = await errorOf(migrate(database, silent));
    expect(error).to.have.property('code', 'CONFLICT');
    const remedy = /ALTER TABLE clientid_profile RENAME COLUMN redundancy TO \w+;/.exec(error.message)?.[0];
    await database.execute(remedy!);
    await migrate(database, silent);
    expect(await createRegistry(database).get('gw-00001')).to.include({ redundancy: '' });
    const [row] = await database.query('select distinct redundancy_of_ours as kept from clientid_profile');
    expect(row).to.deep.equal({ kept: 'yes' });
  });

  it('is found by the index of the sets, also where statistics know of no set', async () => {
    await migrate(database, silent);
    await database.execute('analyze clientid_profile');
    for (const set of ['a', 'b', 'c']) {
      const member = { a: 'gw-00001', b: 'gw-04999', c: 'gw-02500' }[set]!;
      await createRegistry(database).update(member, { redundancy: set });
    }
    const plan = JSON.stringify(
      await database.query(
        `explain (format json) select clientid from clientid_profile device
         where device.redundancy = (select redundancy from clientid_profile where clientid = 'gw-00001')
           and device.redundancy <> ''`,
      ),
    );
    expect(plan).to.include('clientid_profile_redundancy_set').and.not.include('Seq Scan');
  });
});

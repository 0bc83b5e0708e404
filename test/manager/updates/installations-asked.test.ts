import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { InstallationQuery } from '../../../nodes/manager/updates/install/installation.js';
import { installationsAsked } from '../../../nodes/manager/updates/install/installations-asked.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

eachDatabase('updates: installations that are looked for', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
    await database.execute(`
      insert into clientid_profile (clientid, host_name) values ('pump-7', 'North'), ('pump-70', 'south'), ('boiler', 'North annex');
      insert into tpe_installation (id, clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, ended_at)
      overriding system value select n, (array['pump-7', 'pump-70', 'boiler', 'pump-retired'])[1 + n % 4], '[]',
        (array['SUCCEEDED', 'FAILED', 'CANCELED'])[1 + n % 3], true, 1000, 'otto', 'x', now()
      from generate_series(1, 24) n`);
  });
  after(() => database.close());

  async function found(query: InstallationQuery): Promise<number[]> {
    const { condition, parameters } = await installationsAsked(database, query);
    const rows = await database.query<{ id: string }>(
      `select installation.id::text as id from tpe_installation installation where ${condition}`,
      parameters,
    );
    return rows.map(({ id }) => Number(id));
  }
  const those = (has: (n: number) => boolean) =>
    Array.from({ length: 24 }, (_, index) => 24 - index).filter(has);

  it('are found by a part of the id or the name of their gateway, by state, and both, newest first', async () => {
    expect(await found({})).to.deep.equal(those(() => true));
    expect(await found({ gateway: ' PUMP-7 ' })).to.deep.equal(those((n) => n % 4 < 2));
    expect(await found({ gateway: 'north' })).to.deep.equal(those((n) => n % 4 === 0 || n % 4 === 2));
    expect(await found({ gateway: 'pump-retired' })).to.deep.equal(those((n) => n % 4 === 3));
    expect(await found({ gateway: 'nobody' })).to.deep.equal([]);
    expect(await found({ gateway: '%' })).to.deep.equal([]);
    expect(await found({ gateway: ' ' })).to.deep.equal(those(() => true));
    expect(await found({ gateway: 'north', state: 'FAILED', before: '20', limit: 2 })).to.deep.equal(
      those((n) => n % 2 === 0 && n % 3 === 1 && n < 20).slice(0, 2),
    );
  });

  it('are none, and an error, for a text that no gateway can have', async () => {
    expect(await errorOf(installationsAsked(database, { gateway: 'a\u0000' }))).to.include({
      code: 'INVALID_INPUT',
    });
  });

  it('are found where a text fits more gateways than are looked up one by one', async () => {
    await database.query(
      "insert into clientid_profile (clientid) select 'many-' || n from generate_series(1, 2100) n",
    );
    await database.query(
      `insert into tpe_installation (id, clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, ended_at)
       overriding system value values (99, 'many-2050', '[]', 'FAILED', true, 1000, 'otto', 'x', now())`,
    );
    expect(await found({ gateway: 'many' })).to.deep.equal([99]);
  });
});

import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { disconnected } from '../../support/client-events.js';
import { eachDatabase } from '../../support/databases.js';
import { migrateBefore } from '../../support/migrate-before.js';

eachDatabase('database: presence moves into rows of its own', (open) => {
  let database: Database;
  const told: string[] = [];

  beforeEach(async () => {
    database = await openDatabase(await open.emptyOptions());
    told.length = 0;
    await migrateBefore(database, '036');
    await database.query(
      `insert into clientid_profile (clientid, connection_status, connection_status_updated_at, presence_since,
         presence_reason, presence_source, session_connected_at, ip_address, host_name)
       select 'gw-' || n, n % 2 = 0, case when n > 1 then 1790000000 end, case when n > 1 then to_timestamp(1790000000) end,
         'connected from 10.0.0.' || n, 'webhook', 1790000000000, '10.0.0.' || n, 'host ' || n
       from generate_series(1, 9) as n`,
    );
  });
  afterEach(() => database.close());

  const run = () => migrate(database, { info: (text) => told.push(text) });

  it('with all that is known of each gateway, and goes on from there', async () => {
    await run();
    const registry = createRegistry(database);
    expect(await registry.get('gw-2')).to.include({
      status: 'online',
      since: '2026-09-21T14:13:20.000Z',
      reason: 'connected from 10.0.0.2',
      source: 'webhook',
      ipAddress: '10.0.0.2',
      hostName: 'host 2',
    });
    const cause = { code: 'connected-from', params: { address: '10.0.0.2' } };
    expect((await registry.get('gw-2'))?.cause).to.deep.equal(cause);
    expect(await registry.counts({})).to.deep.equal({ total: 9, online: 4, offline: 4, never_seen: 1 });
    // The session is known, so that its end is believed, and that of an older one is not.
    const ends = [
      disconnected('gw-2', 1_780_000_000_000, 1_795_000_000_000),
      disconnected('gw-4', 1_790_000_000_000, 1_795_000_000_000),
    ];
    await applyPresenceEvents(database, ends, true);
    expect((await registry.get('gw-2'))?.status).to.equal('online');
    expect((await registry.get('gw-4'))?.status).to.equal('offline');
  });

  it('leaves a column that a view of the site uses, and says so', async () => {
    await database.execute(
      'create view of_ours as select clientid, status, presence_reason from clientid_profile',
    );
    await run();
    const about = told.filter((text) => text.includes('kept up no more'));
    expect(about.map((text) => /column (\w+) of.*view of_ours/.exec(text)?.[1]).sort()).to.deep.equal([
      'presence_reason',
      'status',
    ]);
    expect(await database.query('select clientid, status from of_ours order by 1 limit 2')).to.deep.equal([
      { clientid: 'gw-1', status: 'never_seen' },
      { clientid: 'gw-2', status: 'online' },
    ]);
    await createRegistry(database).register({ clientid: 'new' });
  });

  it('takes no index of the large table along when presence changes', async () => {
    await run();
    const columns = await database.query(
      `select attname::text from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
       where indrelid = 'clientid_profile'::regclass and attname like 'connection%'`,
    );
    expect(columns).to.deep.equal([]);
  });
});

import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { installationOverview } from '../../../nodes/manager/updates/install/overview.js';
import { scanCoverage } from '../../../nodes/manager/updates/scan/update-groups.js';
import { eachDatabase, opener } from '../../support/databases.js';

async function write(
  database: Database,
  clientid: string,
  state: string,
  ended = "now() - interval '1 hour'",
) {
  const isOpen = state === 'QUEUED' || state === 'IN_PROGRESS';
  const [row] = await database.query<{ id: string }>(
    `insert into tpe_installation (clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, ended_at)
     values ($1, '[{"version": "1"}]', $2, true, 1000, 'otto', 'x', ${isOpen ? 'null' : ended}) returning id::text as id`,
    [clientid, state],
  );
  return row!.id;
}

eachDatabase('updates: how installations stand', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
    await database.query("insert into clientid_profile (clientid) values ('a'), ('b'), ('c'), ('d')");
  });
  after(() => database.close());
  beforeEach(() => database.query('delete from tpe_installation'));

  const counts = async () => {
    const { failures, days: _days, ...overview } = await installationOverview(database);
    return { ...overview, failures: failures.map(({ id }) => id) };
  };

  it('counts what is under way, and how those of the last days ended', async () => {
    for (const [clientid, state] of Object.entries({
      a: 'QUEUED',
      b: 'IN_PROGRESS',
      c: 'SUCCEEDED',
      d: 'CANCELED',
    }))
      await write(database, clientid, state);
    await write(database, 'd', 'ALREADY_INSTALLED');
    await write(database, 'd', 'SUCCEEDED', "now() - interval '30 days'");
    const none = { failed: 0, failures: [] };
    expect(await counts()).to.deep.equal({ waiting: 1, inProgress: 1, done: 2, canceled: 1, ...none });
  });

  it('has as failed what nobody has tried again since, newest first', async () => {
    await write(database, 'a', 'FAILED');
    await write(database, 'a', 'SUCCEEDED');
    const timedOut = await write(database, 'b', 'TIMED_OUT');
    await write(database, 'c', 'REJECTED');
    await write(database, 'c', 'IN_PROGRESS');
    const failed = await write(database, 'd', 'FAILED');
    await write(database, 'retired', 'FAILED');
    expect(await counts()).to.deep.include({ failed: 2, failures: [failed, timedOut], inProgress: 1 });
  });

  it('forgets failures after some days', async () => {
    await write(database, 'a', 'FAILED', "now() - interval '8 days'");
    expect((await counts()).failed).to.equal(0);
  });

  it('tells never connected gateways from those that were not scanned', async () => {
    await database.query("update tpe_presence set status = 'offline' where clientid in ('a', 'b')");
    expect(await scanCoverage(database)).to.deep.equal({ notScanned: 2, neverSeen: 2 });
  });
});

describe('updates: how installations stand in a large fleet', () => {
  const open = opener('postgresql');
  let database: Database;
  before(async () => {
    database = await open();
    await database.execute(`
      insert into clientid_profile (clientid) select 'gw' || n from generate_series(1, 100000) as n;
      insert into tpe_installation (clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, ended_at)
        select 'gw' || n % 100000 + 1, '[]', case when n % 20 = 0 then 'FAILED' else 'SUCCEEDED' end, true, 1000, 'x', 'x',
          now() - make_interval(mins => 300000 - n) from generate_series(1, 300000) as n;`);
    await database.execute('analyze');
  });
  after(() => database.close());

  it('reads no whole table', async () => {
    const asked: string[] = [];
    const noting: Database = {
      ...database,
      query(sql, values = []) {
        asked.push(sql);
        return database.query(sql, values);
      },
    };
    const { failed, failures } = await installationOverview(noting);
    expect([failed, failures.length]).to.deep.equal([504, 50]);
    expect(asked).to.have.length(3);
    for (const sql of asked) {
      const plan = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, timing off) ${sql}`);
      const text = plan.map((row) => row['QUERY PLAN']).join('\n');
      expect(text).not.to.match(/Seq Scan on (tpe_installation|clientid_profile)/);
      expect(Number(/Execution Time: ([\d.]+)/.exec(text)?.[1])).to.be.below(50);
    }
  });
});

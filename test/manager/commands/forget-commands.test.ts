import { expect } from 'chai';
import { forgetCommands } from '../../../nodes/manager/commands/forget-commands.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createSchedule } from '../../../nodes/manager/instances/schedule.js';
import { eachDatabase } from '../../support/databases.js';

const FILL = `
  insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by,
    instance, created_at)
  select number, 'gw-' || number, 'GET', '/device/time', $4, 'queue', 1000, now(), 'test', 'test',
    now() - make_interval(days => $3)
  from generate_series($1::bigint, $2::bigint) as number`;

eachDatabase('commands: what is forgotten', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  const fill = (from: number, to: number, daysAgo: number, state: string) =>
    database.query(FILL, [from, to, daysAgo, state]);
  const left = async () => {
    const rows = await database.query<{ id: number }>(
      'select request_id as id from tpe_command order by request_id',
    );
    return rows.map(({ id }) => id);
  };
  const forget = (instance = 'one') => forgetCommands(database, createSchedule(database, instance));

  it('is of more than 90 days ago, and has ended', async () => {
    await fill(1, 3, 91, 'SUCCEEDED');
    await fill(4, 4, 91, 'QUEUED');
    await fill(5, 5, 91, 'TIMED_OUT');
    await fill(6, 7, 89, 'FAILED');
    await forget();
    expect(await left()).to.deep.equal([4, 6, 7]);
    await forget();
    expect(await left()).to.deep.equal([4, 6, 7]);
  });

  it('goes some at a time, so that nothing waits for it', async () => {
    await fill(1, 12_000, 200, 'FAILED');
    await fill(12_001, 12_002, 0, 'SUCCEEDED');
    const counts = [12_002];
    while (counts.at(-1)! > 2) {
      await forget();
      counts.push((await left()).length);
    }
    expect(counts).to.deep.equal([12_002, 7002, 2002, 2]);
  });

  it('is forgotten by one of several managers', async () => {
    await forget('another');
    await fill(1, 1, 91, 'SUCCEEDED');
    await forget();
    expect(await left()).to.deep.equal([1]);
    await forget('another');
    expect(await left()).to.deep.equal([]);
  });
});

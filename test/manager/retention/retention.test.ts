import { expect } from 'chai';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { createRetention } from '../../../nodes/manager/retention/create-retention.js';
import { KEPT, NOT_GROWING } from '../../../nodes/manager/retention/kept.js';
import { eachDatabase } from '../../support/databases.js';
import { openWebhookManager } from '../../support/webhook-manager.js';

/** Puts as many rows into each table, of so many days ago; $1 is the first number, $2 the last, $3 the days. */
const FILLS: Record<string, string> = {
  tpe_command: `
    insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at,
      requested_by, instance, created_at)
    select number, 'gw-' || number % 1000, 'GET', '/device/time', 'SUCCEEDED', 'queue', 1000, now(), 'test', 'test',
      now() - make_interval(days => $3, secs => $2 - number)
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_presence_event: `
    insert into tpe_presence_event (clientid, at, online)
    select 'gw-' || number % 1000, now() - make_interval(days => $3, secs => ($2 - number) / 100), true
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_audit: `
    insert into tpe_audit (at, who, action, outcome)
    select now() - make_interval(days => $3, secs => ($2 - number) / 100), 'otto', 'login', 'done'
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_installation: `
    insert into tpe_installation (clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance,
      created_at, ended_at)
    select 'gw-' || number % 1000, '[]', 'SUCCEEDED', false, 1000, 'test', 'test', now() - make_interval(days => $3 + 1),
      now() - make_interval(days => $3, secs => $2 - number)
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_update_scan: `
    insert into tpe_update_scan (state, instance, filter, requested_by, started_at, ended_at)
    select 'DONE', 'test', '{}', 'test', now() - make_interval(days => $3 + 1),
      now() - make_interval(days => $3, secs => $2 - number)
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_stop: `
    insert into tpe_stop (scope, reason, created_by, created_at, lifted_by, lifted_at)
    select 'fleet', '', 'anna', now() - make_interval(days => $3 + 1), 'otto', now() - make_interval(days => $3, secs => $2 - number)
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_job: `
    insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, state, is_forgotten, requested_by, created_at,
      ended_at)
    select 'x', '', '{}', '{}', '[]', '{}', '', 'read', '{}', 'COMPLETED', true, 'anna', now() - make_interval(days => $3 + 1),
      now() - make_interval(days => $3, secs => $2 - number)
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_alarm: `
    insert into tpe_alarm (rule, kind, severity, reason, since, raised_at, cleared_at)
    select 'offline', 'offline', 'warning', '', now() - make_interval(days => $3 + 1), now() - make_interval(days => $3 + 1),
      now() - make_interval(days => $3, secs => $2 - number)
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_alarm_news: `
    insert into tpe_alarm_news (alarm, what, at)
    select number, 'raised', now() - make_interval(days => $3, secs => ($2 - number) / 100)
    from generate_series($1::bigint, $2::bigint) as number`,
  tpe_api_token: `
    insert into tpe_api_token (hash, name, role, created_at, expires_at)
    select number || ' ' || $3::integer, number || ' ' || $3, 'viewer', now() - make_interval(days => $3 + 1),
      now() - make_interval(days => $3, secs => $2 - number)
    from generate_series($1::bigint, $2::bigint) as number`,
};

/** In all tables together. */
const OLD_ROWS = 200_000;

async function fill(database: Database, table: string, from: number, to: number, daysAgo: number) {
  await database.query(FILLS[table]!, [from, to, daysAgo]);
}

async function countsOf(database: Database, age = 'is not null'): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { table, since } of KEPT) {
    const [row] = await database.query<{ count: number }>(
      `select count(*)::integer as count from ${table} where ${since} ${age}`,
    );
    counts[table] = row!.count;
  }
  return counts;
}

const everywhere = (count: number) => Object.fromEntries(KEPT.map(({ table }) => [table, count]));

eachDatabase('retention', (open) => {
  let database: Database;
  const faults: string[] = [];
  const retentionOf = (instance = 'one') =>
    createRetention({
      database,
      schedule: createSchedule(database, instance),
      onFault: (text) => faults.push(text),
    });

  beforeEach(async () => {
    database = await open();
    faults.length = 0;
  });
  afterEach(() => database.close());

  it('has an answer for every table: so long its rows stay, or why it does not grow', async () => {
    const tables = await database.query<{ name: string }>(
      "select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace",
    );
    const known = [...KEPT.map(({ table }) => table), ...Object.keys(NOT_GROWING)];
    expect(known.toSorted()).to.deep.equal(tables.map(({ name }) => name).toSorted());
    const indexes = await database.query<{ place: string }>(
      `select indrelid::regclass || '.' || attname as place from pg_index
       join pg_attribute on attrelid = indrelid and attnum = indkey[0] where indpred is null`,
    );
    for (const { table, key, along } of KEPT)
      for (const column of [key, along.column])
        expect(indexes.map(({ place }) => place)).to.include(`${table}.${column}`);
  });

  it('removes what is older than its table says, and nothing that the present rests on', async () => {
    for (const { table, days } of KEPT) {
      await fill(database, table, 1, 60, days + 1);
      await fill(database, table, 61, 70, days - 1);
    }
    await database.query("update tpe_command set state = 'QUEUED' where request_id = 7");
    await database.query("update tpe_installation set state = 'IN_PROGRESS' where id = 7");
    await database.query('update tpe_stop set lifted_at = null where id = 7');
    await database.query('update tpe_job set is_forgotten = false where id = 7');
    expect(await retentionOf().round()).to.equal(476);
    expect(await countsOf(database)).to.deep.equal({
      ...everywhere(10),
      tpe_command: 11,
      tpe_installation: 11,
      tpe_stop: 11,
      tpe_job: 11,
    });
    expect(await retentionOf().round()).to.equal(0);
    // However old the last scan is, it is the last.
    await database.query("update tpe_update_scan set ended_at = now() - interval '9 years'");
    expect(await retentionOf().round()).to.equal(9);
    expect((await countsOf(database)).tpe_update_scan).to.equal(1);
    expect(faults).to.deep.equal([]);
  });

  it('is not needed for what was found for a gateway: that goes with it', async () => {
    const registry = createRegistry(database);
    for (const clientid of ['a', 'b']) await registry.register({ clientid });
    await database.execute(`
      insert into tpe_update_plan values ('hash', '[]', '[]');
      insert into tpe_update (clientid, scanned_at, plan, has_update)
        select clientid, now(), 'hash', false from clientid_profile`);
    await registry.retire('a');
    expect(await database.query('select clientid from tpe_update')).to.deep.equal([{ clientid: 'b' }]);
  });

  it('is the work of one of several managers, and another one goes on where it was stopped', async () => {
    await fill(database, 'tpe_audit', 1, 60_000, 400);
    const first = retentionOf('first');
    const round = first.round();
    while ((await countsOf(database)).tpe_audit === 60_000);
    expect(await retentionOf('second').round()).to.equal(0);
    await first.close();
    const begun = await round;
    expect(begun).to.be.greaterThan(0).and.lessThan(60_000);
    await database.query("update tpe_schedule set started_at = now() - interval '2 hours'");
    expect(await retentionOf('second').round()).to.equal(60_000 - begun);
  });

  it('tells once that a table cannot be worked on, and goes on with the others', async () => {
    const retention = retentionOf();
    await database.execute('alter table tpe_presence_event rename column at to moment');
    for (let count = 0; count < 2; count += 1) {
      await fill(database, 'tpe_audit', 1, 5, 400);
      expect(await retention.round()).to.equal(5);
    }
    expect(faults).to.have.length(1);
    expect(faults[0]).to.match(/^Old rows of tpe_presence_event could not be deleted/);
    await database.execute('alter table tpe_presence_event rename column moment to at');
    await retention.round();
    await database.execute('alter table tpe_presence_event rename column at to moment');
    await retention.round();
    expect(faults).to.have.length(2);
  });
});

eachDatabase('retention of a manager that was away for long', (open) => {
  it('gets through 200,000 rows in one round, while webhooks are answered', async () => {
    const options = await open.options();
    let database = await openDatabase(options);
    const share = Math.ceil(OLD_ROWS / KEPT.length);
    for (const { table } of KEPT) {
      await fill(database, table, 1, share, 800);
      await fill(database, table, share + 1, share + 5, 0);
    }
    await database.close();

    const test = await openWebhookManager(options);
    const { manager } = test;
    await manager.registry.register({ clientid: 'gw-1' });
    // It is the last table of the round.
    expect(KEPT.at(-1)?.table).to.equal('tpe_audit');
    const isOver = async () =>
      (await manager.audit.list({ until: new Date(Date.now() - 1e10).toISOString(), limit: 1 })).length === 0;
    const begun = performance.now();
    let [answered, longest] = [0, 0];
    for (let at = Date.now(); !(await isOver()); at += 1) {
      const asked = performance.now();
      await manager.takeWebhook(connectedAt(at));
      longest = Math.max(longest, performance.now() - asked);
      answered += 1;
    }
    const whole = performance.now() - begun;
    await test.close();

    database = await openDatabase(options);
    const old = await countsOf(database, "< now() - interval '700 days'");
    const young = await countsOf(database, "> now() - interval '1 day'");
    await database.close();
    expect(old).to.deep.equal(everywhere(0));
    for (const [table, count] of Object.entries(young)) expect(count, table).to.be.at.least(5);
    expect(answered).to.be.greaterThan(20);
    expect(longest).to.be.lessThan(whole / 4);
  });
});

const connectedAt = (at: number) => ({
  action: 'client_connected',
  clientid: 'gw-1',
  connected_at: at,
});

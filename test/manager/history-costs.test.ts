import { expect } from 'chai';
import type { AuditQuery } from '../../nodes/manager/audit/audit-query.js';
import { findEntries } from '../../nodes/manager/audit/find-entries.js';
import type { CommandQuery } from '../../nodes/manager/commands/command.js';
import { listCommands } from '../../nodes/manager/commands/store/list.js';
import type { Database } from '../../nodes/manager/database/database.js';
import { jobsOfGateways } from '../../nodes/manager/jobs/store/jobs-of-gateway.js';
import { opener } from '../support/databases.js';
import { errorOf } from '../support/errors.js';

const GATEWAYS = 100_000;
const ROWS = 1_000_000;

/** A year of a large fleet: nine commands of ten are the device manager's own, and what fails is seldom and old. */
const PAST = `
  insert into clientid_profile (clientid, host_name)
    select 'gw-' || n, 'Pump ' || n from generate_series(1, ${GATEWAYS}) as n;
  insert into tpe_job (id, name, note, definition, targets, steps, pace, hash, risk, classes, requested_by)
    select n, 'Nightly ' || n, '', '{}', '{}', '[]', '{}', 'h', 'read', '{}', 'dashboard: ' || case when n = 7 then 'rare' else 'vera' end
    from generate_series(1, 200) as n;
  insert into tpe_job_execution (job, clientid, ordinal, state, site, started_at, ended_at)
    select n % 20 + 1, 'gw-' || n, 1, 'SUCCEEDED', '', now(), now() from generate_series(1, ${GATEWAYS}) as n;
  insert into tpe_command (request_id, clientid, method, path, operation, state, when_offline, timeout_ms, expires_at, requested_by, instance,
      created_at, execution)
    select n, 'gw-' || n % ${GATEWAYS} + 1, 'GET', '/x', case when n % 1000 = 0 then 'rare-operation' else 'device-general' end,
      case when n < 3000 then 'FAILED' else 'SUCCEEDED' end, 'fail', 1000, now(),
      case when n % 10 > 0 then 'tpedm: connect' when n % 50 = 0 then 'job ' || n % 200 || ': Nightly ' || n % 200
        when n = 70 then 'REST' when n % 30 = 0 then 'dashboard: otto' else 'tpe-command: flow ' || n % 7 end, 'x',
      now() - make_interval(secs => (${ROWS} - n) * 30), case when n % 50 = 0 then n % 200 || '/1/0/' || n end
    from generate_series(1, ${ROWS}) as n;
  insert into tpe_audit (at, who, action, clientid, outcome, door, clientids)
    select now() - make_interval(secs => (${ROWS} - n) * 30), case when n = 90 then 'rare' else 'user' || n % 20 end,
      case when n % 5 = 0 then 'gateway.change' when n < 100 then 'stop.set' else 'command.send' end,
      case when n % 100 > 0 then 'gw-' || n % ${GATEWAYS} + 1 end, case when n < 2000 then 'refused' else 'done' end,
      case when n < 500 then 'editor' else 'dashboard' end,
      case when n % 100 = 0 then array['gw-' || n / 10 + 1, 'gw-' || n / 10 + 2] end
    from generate_series(1, ${ROWS}) as n;`;

const LONG_AGO = new Date(Date.now() - ROWS * 29_000).toISOString();
const DAY_LATER = new Date(Date.now() - ROWS * 29_000 + 86_400_000).toISOString();

/** Each condition alone, those that fit nearly nothing, and some together. */
const COMMANDS: Record<string, CommandQuery> = {
  everything: {},
  'what people asked for': { door: 'people' },
  'a day long ago': { door: 'people', since: LONG_AGO, until: DAY_LATER },
  'a day long ago, of the system': { door: 'system', since: LONG_AGO, until: DAY_LATER },
  'what failed': { door: 'people', states: ['FAILED', 'TIMED_OUT', 'REJECTED'] },
  'what expired, which is none': { states: ['EXPIRED'] },
  'an operation': { door: 'people', operations: ['rare-operation'] },
  'a person': { door: 'people', who: 'OTTO' },
  'who has one job': { door: 'people', who: 'rare' },
  nobody: { door: 'people', who: 'nobody at all' },
  'one call by REST': { door: 'rest' },
  'by the editor, which is none': { door: 'editor' },
  'by jobs': { door: 'job' },
  'a part of names': { door: 'people', gateway: 'pump 777' },
  'one gateway': { clientid: 'gw-77' },
  'a gateway, a person, an operation and a state': {
    ...{ gateway: 'gw-7', who: 'otto', operations: ['rare-operation'], states: ['SUCCEEDED'] },
    ...{ since: LONG_AGO },
  },
};
const ENTRIES: Record<string, AuditQuery> = {
  everything: {},
  'a day long ago': { since: LONG_AGO, until: DAY_LATER },
  'a part of who': { who: 'RAR' },
  'an action': { action: 'stop.' },
  'what was refused': { outcome: 'refused' },
  'by the editor': { door: 'editor' },
  'a part of names': { gateway: 'ump 777' },
  'one gateway': { clientid: 'gw-77' },
  'a job': { job: '7' },
  'a gateway, a person and an action': {
    gateway: 'gw-777',
    who: 'user1',
    action: 'gateway.',
    until: DAY_LATER,
  },
};

describe(`history: ${ROWS} rows of ${GATEWAYS} gateways`, () => {
  const open = opener('postgresql');
  let database: Database;
  let noting: Database;
  let asked: { sql: string; values: readonly unknown[] }[];

  before(async () => {
    database = await open();
    await database.execute(PAST);
    await database.execute('analyze');
    noting = {
      ...database,
      query(sql, values = []) {
        asked.push({ sql, values });
        return database.query(sql, values);
      },
    };
  });
  after(() => database.close());
  beforeEach(() => {
    asked = [];
  });

  /** No large table is read as a whole, and none for much more than is shown. */
  async function expectIndexed(): Promise<void> {
    expect(asked).not.to.deep.equal([]);
    for (const { sql, values } of asked) {
      const rows = await database.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, costs off, timing off) ${sql}`,
        values,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.to.match(/Seq Scan on (tpe_command|tpe_audit|clientid_profile|tpe_job_execution) /);
      const read = [...plan.matchAll(/rows=(\d+)/g), ...plan.matchAll(/Rows Removed by [^:]*: (\d+)/g)];
      expect(Math.max(...read.map(([, count]) => Number(count))), `${sql}\n${plan}`).to.be.below(25_000);
    }
  }

  for (const [what, query] of Object.entries(COMMANDS)) {
    it(`commands: ${what}`, async () => {
      const first = await listCommands(noting, { ...query, limit: 20 });
      const last = first.at(-1);
      if (last) await listCommands(noting, { ...query, limit: 20, before: last.requestId });
      await expectIndexed();
    });
  }

  it('a name that fits half the fleet: refused, with the field, unless the page is found among what is new', async () => {
    const asked = await errorOf(findEntries(noting, { gateway: 'gw-' }, async () => []));
    expect(asked).to.include({ code: 'INVALID_INPUT' });
    const found = (query: CommandQuery) => listCommands(noting, { ...query, gateway: 'gw-', limit: 20 });
    expect(await found({ door: 'people' })).to.have.length(20);
    expect(await found({ states: ['EXPIRED'] })).to.deep.equal([]);
    expect(await found({ since: LONG_AGO, until: LONG_AGO })).to.deep.equal([]);
    const seldom = { operations: ['rare-operation'], door: 'job' } as const;
    expect(await found(seldom)).to.have.length(20);
  });

  for (const [what, query] of Object.entries(ENTRIES)) {
    it(`audit: ${what}`, async () => {
      const jobsOf = (clientids: readonly string[]) => jobsOfGateways(noting, clientids);
      const first = await findEntries(noting, { ...query, limit: 20 }, jobsOf);
      const last = first.at(-1);
      if (last) await findEntries(noting, { ...query, limit: 20, before: last.id }, jobsOf);
      await expectIndexed();
    });
  }
});

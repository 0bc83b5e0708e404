import { expect } from 'chai';
import type { Caller } from '../../nodes/api/caller.js';
import { FINDING_PROCEDURES } from '../../nodes/api/procedures/finding.js';
import { FLEET_PROCEDURES } from '../../nodes/api/procedures/fleet.js';
import { countAlarms, listAlarms } from '../../nodes/manager/alarms/store/reads.js';
import { TPE_OPERATIONS } from '../../nodes/manager/catalogue/operation-set.js';
import type { Database } from '../../nodes/manager/database/database.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import { listJobs, readJob } from '../../nodes/manager/jobs/store/lists.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { eachDatabase } from '../support/databases.js';
import { errorOf } from '../support/errors.js';

const GATEWAYS = 100_000;
const JOBS = 20_000;
const OFFLINE = 4000;
/** So many rows are read for a few lines at most: what is frequent is found by walking through what is new. */
const MOST_READ = 10_000;

/** A large fleet that has had two jobs an hour for a year; some of it is offline, and that is an alarm. */
const PAST = `
  insert into clientid_profile (clientid, host_name, model_name, serial_number, site, connection_status)
    select 'gw-' || n, 'Pump ' || n, 'UC-' || n % 10, 'IMOXA' || 1000000 + n, 'Plant ' || n % 150, true from generate_series(1, ${GATEWAYS}) as n;
  update tpe_presence set status = case when substr(clientid, 4)::integer <= ${OFFLINE} then 'offline' else 'online' end;
  insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, requested_by, state, ended_at)
    select case n when 1 then 'Valve check of the old harbour' when 2 then '閥門 檢查' when 3 then '100 % of_all' else 'Nightly reading ' || n end,
      repeat('note ', 20), '{}', '{}', '[]', '{}', 'h', 'read', '{}', 'dashboard: vera',
      case when n % 5000 = 0 then 'PAUSED' else 'COMPLETED' end, case when n % 5000 > 0 then now() end
    from generate_series(1, ${JOBS}) as n;
  insert into tpe_alarm (rule, kind, severity, clientid, site, reason, since)
    select 'offline', 'offline', 'warning', 'gw-' || n, 'Plant 1', 'x', now() from generate_series(1, ${OFFLINE}) as n;
  insert into tpe_alarm (rule, kind, severity, clientid, site, reason, since, cleared_at)
    select 'offline', 'offline', 'warning', 'gw-' || n, 'Plant 1', 'x', now(), now() from generate_series(1, ${GATEWAYS}) as n;`;

/** What is typed, and the jobs that are found, of which there are six at most. */
const TYPED: Record<string, { text: string; jobs: string[] }> = {
  'a word of nearly all': { text: 'nightly', jobs: ['20000', '19999', '19998', '19997', '19996', '19995'] },
  'two words of an old one, in another order and case': { text: 'HARBOUR valve', jobs: ['1'] },
  'what nothing has': { text: 'nowhere at all', jobs: [] },
  'a single letter': { text: 'g', jobs: ['20000', '19999', '19998', '19997', '19996', '19995'] },
  'a number with its mark': {
    text: '#77',
    jobs: ['77'],
  },
  'a number: that job first, then names with it': {
    text: '77',
    jobs: ['77', '19977', '19877', '19779', '19778', '19777'],
  },
  'the same of three digits': { text: '100', jobs: ['100', '19100', '18100', '17100', '16100', '15100'] },
};

eachDatabase(`finding among ${GATEWAYS} gateways and ${JOBS} jobs`, (open) => {
  let database: Database;
  let manager: DeviceManager;
  let asked: { sql: string; values: readonly unknown[] }[] = [];

  before(async () => {
    database = await open();
    await database.execute(PAST);
    await database.execute('analyze');
    const noting: Database = {
      ...database,
      query(sql, values = []) {
        asked.push({ sql, values });
        return database.query(sql, values);
      },
    };
    manager = {
      catalogue: TPE_OPERATIONS,
      registry: createRegistry(noting),
      jobs: { list: (query: object) => listJobs(noting, query), brief: (id: string) => readJob(noting, id) },
      alarms: { list: (query: object) => listAlarms(noting, query), counts: () => countAlarms(noting) },
    } as unknown as DeviceManager;
  });
  after(() => database.close());
  beforeEach(() => {
    asked = [];
  });

  const find = (text: string) =>
    FINDING_PROCEDURES['find.all'].handler(manager, { text, language: 'en-US' }, {} as Caller);

  /** No large table is read as a whole, and none for more than `most` rows. */
  async function expectIndexed(most: number): Promise<void> {
    expect(asked).not.to.deep.equal([]);
    for (const { sql, values } of asked) {
      const rows = await database.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, costs off, timing off) ${sql}`,
        values,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan, sql).not.to.match(/Seq Scan on (clientid_profile|tpe_presence|tpe_job|tpe_alarm) /);
      const read = [...plan.matchAll(/rows=(\d+)/g), ...plan.matchAll(/Rows Removed by [^:]*: (\d+)/g)];
      expect(Math.max(...read.map(([, count]) => Number(count))), `${sql}\n${plan}`).to.be.at.most(most);
    }
  }

  for (const [what, { text, jobs }] of Object.entries(TYPED)) {
    it(what, async () => {
      const found = await find(text);
      expect(found.jobs.map(({ id }) => id)).to.deep.equal(jobs);
      await expectIndexed(MOST_READ);
    });
  }

  it('words of two characters, and wildcards that stand for themselves', async () => {
    const ofJobs = async (text: string) => (await find(text)).jobs.map(({ id }) => id);
    expect(await ofJobs('閥門')).to.deep.equal(['2']);
    expect(await ofJobs('%')).to.deep.equal(['3']);
    expect(await ofJobs('f_a')).to.deep.equal(['3']);
    expect(await errorOf(find('a\0b'))).to.include({ code: 'INVALID_INPUT' });
  });

  it('what the menu has beside its pages', async () => {
    const marks = await FLEET_PROCEDURES['fleet.marks'].handler(manager, {}, {} as Caller);
    expect(marks).to.deep.equal({
      ...{ offline: OFFLINE, alarms: OFFLINE, paused: 4 },
      ...{ failedJobs: 0, failedInstallations: 0 },
    });
    await expectIndexed(OFFLINE);
  });
});

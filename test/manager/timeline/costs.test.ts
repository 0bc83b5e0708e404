import { expect } from 'chai';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { createTimeline } from '../../../nodes/manager/timeline/create-timeline.js';
import type { Timeline } from '../../../nodes/manager/timeline/timeline.js';
import { TIMELINE_KINDS } from '../../../nodes/manager/timeline/timeline-kinds.js';
import { opener } from '../../support/databases.js';

const GATEWAYS = 100_000;
/** The tables of which a gateway has only a small part. */
const LARGE = [
  'tpe_presence_event',
  'tpe_command',
  'tpe_installation',
  'tpe_alarm',
  'tpe_audit',
  'tpe_job_execution',
];

/** A fleet with a past, and one gateway with much of it. */
const PAST = `
  insert into clientid_profile (clientid) select 'gw' || n from generate_series(1, ${GATEWAYS}) as n;
  insert into tpe_presence_event (clientid, at, online)
    select 'gw' || n % ${GATEWAYS} + 1, now() - make_interval(secs => n), n % 2 = 0 from generate_series(1, 200000) as n;
  insert into tpe_presence_event (clientid, at, online)
    select 'gw7', now() - make_interval(secs => n * 60), n % 2 = 0 from generate_series(1, 20000) as n;
  insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by, instance, created_at,
      sent_at, ended_at, risk)
    select n, case when n % 4 = 0 then 'gw7' else 'gw' || n % ${GATEWAYS} + 1 end, 'PUT', '/x', 'SUCCEEDED', 'fail', 1000, now(), 'otto', 'x',
      now() - make_interval(secs => 400000 - n), now() - make_interval(secs => 400000 - n), now(),
      case when n % 10 = 0 then 'disruptive' else 'read' end from generate_series(1, 200000) as n;
  insert into tpe_installation (clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, started_at, ended_at)
    select clientid, '[{"version": "1"}]', 'SUCCEEDED', true, 1000, 'x', 'x', now(), now() from clientid_profile;
  insert into tpe_alarm (rule, kind, severity, clientid, reason, since, cleared_at)
    select 'offline', 'offline', 'warning', clientid, 'x', now(), now() from clientid_profile;
  insert into tpe_audit (at, who, action, clientid, outcome)
    select now(), 'x', case when n % 5 = 0 then 'gateway.change' else 'command.send' end, 'gw' || n % ${GATEWAYS} + 1, 'done'
    from generate_series(1, 200000) as n;
  insert into tpe_audit (who, action, clientids, outcome)
    select 'x', 'gateway.change', array['gw' || n, 'gw' || n + 1], 'done' from generate_series(1, 20000) as n;
  insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, requested_by)
    select 'j', '', '{}', '{}', '[]', '{}', 'h', 'read', '{}', 'x' from generate_series(1, 2);
  insert into tpe_job_execution (job, clientid, ordinal, state, site, started_at, ended_at)
    select job.id, clientid, 1, 'SUCCEEDED', '', now(), now() from clientid_profile cross join tpe_job job;`;

describe(`timeline: one gateway of ${GATEWAYS}`, () => {
  const open = opener('postgresql');
  let database: Database;
  let timeline: Timeline;
  let asked: { sql: string; values: readonly unknown[] }[];

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
    timeline = createTimeline({
      database: noting,
      catalogue: TPE_OPERATIONS,
      device: createRegistry(database).get,
      alarms: async () => [],
    });
  });
  after(() => database.close());
  beforeEach(() => {
    asked = [];
  });

  /** No table is read as a whole, and none for much more than is shown. */
  async function expectIndexed(): Promise<void> {
    expect(asked).not.to.deep.equal([]);
    for (const { sql, values } of asked) {
      const rows = await database.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, costs off, timing off) ${sql}`,
        values,
      );
      const lines = rows.map((row) => row['QUERY PLAN']);
      const plan = lines.join('\n');
      expect(
        lines.filter((line) => LARGE.some((table) => line.includes(`Seq Scan on ${table} `))),
        plan,
      ).to.deep.equal([]);
      const read = [...plan.matchAll(/rows=(\d+)/g), ...plan.matchAll(/Rows Removed by Filter: (\d+)/g)];
      expect(Math.max(...read.map(([, count]) => Number(count))), plan).to.be.below(3000);
    }
  }

  for (const clientid of ['gw7', 'gw99', 'gw99999']) {
    it(`${clientid}: a page, the next one, and the last day cost what they show`, async () => {
      const first = await timeline.list(clientid, { limit: 50 });
      await timeline.list(clientid, { limit: 200, ...(first.next && { cursor: first.next }) });
      await timeline.list(clientid, { kinds: ['presence'], limit: 50, since: '2026-01-01T00:00:00.000Z' });
      await timeline.marks(clientid, 24, TIMELINE_KINDS);
      await timeline.marks(clientid, 720, TIMELINE_KINDS);
      await timeline.nextStep(clientid);
      expect(first.items.length).to.be.above(3);
      await expectIndexed();
    });
  }
});

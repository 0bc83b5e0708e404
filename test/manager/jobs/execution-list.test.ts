import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { Execution } from '../../../nodes/manager/jobs/execution.js';
import type { ExecutionQuery } from '../../../nodes/manager/jobs/job.js';
import { executionsStatement, listExecutions } from '../../../nodes/manager/jobs/store/execution-list.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const LARGE = 100_000;
const JOB = '7';

/** Executions of the job and of another one, almost all of them done. */
const fill = (database: Database, count: number) =>
  database.query(
    `insert into tpe_job_execution (job, clientid, ordinal, state, site)
     select job, 'gw ' || n, n, case when n % 1000 = 1 then 'FAILED' when n % 1000 = 2 then 'IN_PROGRESS'
       when n % 1000 = 3 then 'QUEUED' when n % 1000 = 4 then 'EXPIRED' when n % 1000 = 5 then 'TIMED_OUT' else 'SUCCEEDED' end,
       'Plant ' || n % 150
     from generate_series(1, $1::integer) as n cross join unnest(array[7, 8]) as job
     where job = 7 or n % 1000 <> 2`,
    [count],
  );

const ORDERED = ['FAILED', 'TIMED_OUT', 'IN_PROGRESS', 'QUEUED', 'EXPIRED', 'SUCCEEDED'];

eachDatabase('jobs: the list of the gateways of a job', (open) => {
  let database: Database;

  before(async () => {
    database = await open();
    await fill(database, 3000);
  });
  after(() => database.close());

  async function walk(query: ExecutionQuery): Promise<Execution[]> {
    const all: Execution[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listExecutions(database, JOB, { ...query, ...(cursor !== undefined && { cursor }) });
      all.push(...page.items);
      if (page.next === null) return all;
      cursor = page.next;
    }
  }

  it('begins with what failed, then what is in progress, waits, was given up, and is done; each once', async () => {
    for (const limit of [2, 7, 500]) {
      const all = await walk({ order: 'urgency', limit });
      expect(new Set(all.map(({ clientid }) => clientid)).size).to.equal(3000);
      expect(all).to.have.length(3000);
      const places = all.map(({ state }) => ORDERED.indexOf(state));
      expect(places).to.deep.equal(places.toSorted((one, other) => one - other));
    }
  });

  it('is narrowed as in every other order', async () => {
    const queries: ExecutionQuery[] = [
      ...[
        { state: 'FAILED' as const },
        { part: 'failed' as const },
        { site: 'Plant 1' },
        { waitingFor: 'rate' as const },
      ],
      ...[
        { state: 'FAILED' as const, waitingFor: 'rate' as const },
        { part: 'done' as const, site: 'Plant 7' },
      ],
    ];
    for (const query of queries) {
      const ids = (await walk({ ...query, order: 'urgency', limit: 3 })).map(({ clientid }) => clientid);
      const same = (await walk({ ...query, limit: 500 })).map(({ clientid }) => clientid);
      expect(ids.toSorted(), JSON.stringify(query)).to.deep.equal(same.toSorted());
    }
  });

  it('refuses a cursor of another order, and an order of one that has its own', async () => {
    for (const query of [
      { order: 'urgency' as const, cursor: 'gw-1' },
      { order: 'urgency' as const, sinceChange: 1 },
      { order: 'newest' as never },
    ])
      expect(await errorOf(listExecutions(database, JOB, query))).to.include({ code: 'INVALID_INPUT' });
  });
});

describe(`jobs: the list of ${LARGE} gateways`, () => {
  const open = opener('postgresql');
  let database: Database;

  before(async () => {
    database = await open();
    // Nobody has counted what is new.
    await database.query('alter table tpe_job_execution set (autovacuum_enabled = false)');
    await fill(database, LARGE);
  });
  after(() => database.close());

  const pages: Record<string, ExecutionQuery> = {
    'the first page': {},
    'a page of those that are done': { cursor: 'SUCCEEDED gw 5' },
    'those of a part, of which there are none': { part: 'leftOut', cursor: 'REMOVED gw 9' },
  };
  const standings: Record<string, () => Promise<unknown>> = {
    'just recorded': async () => undefined,
    'in all states': () => database.query('vacuum analyze tpe_job_execution'),
    async 'all in one state'() {
      await database.query("update tpe_job_execution set state = 'QUEUED' where state <> 'QUEUED'");
      await database.query('vacuum analyze tpe_job_execution');
    },
  };
  for (const [standing, bringAbout] of Object.entries(standings))
    describe(standing, () => {
      before(bringAbout);
      for (const [name, query] of Object.entries(pages))
        it(`${name} reads no more of each state than it shows`, async () => {
          const { sql, values } = executionsStatement(JOB, { ...query, order: 'urgency', limit: 25 });
          const [row] = await database.query<{ 'QUERY PLAN': object }>(
            `explain (format json, analyze, buffers) ${sql}`,
            values,
          );
          const plan = JSON.stringify(row!['QUERY PLAN']);
          expect(plan).to.include('tpe_job_execution_by_state');
          const [, hit, read] = /"Shared Hit Blocks":(\d+),"Shared Read Blocks":(\d+)/.exec(plan)!;
          expect(Number(hit) + Number(read), plan).to.be.below(400);
        });
    });
});

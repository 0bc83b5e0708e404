import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../nodes/manager/database/database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import { guardOfJobs } from '../../nodes/manager/jobs/guard-link.js';
import type { Job } from '../../nodes/manager/jobs/job.js';
import { newRound } from '../../nodes/manager/jobs/store/claim-round.js';
import { type ClaimOptions, claim } from '../../nodes/manager/jobs/store/claims.js';
import { createSites } from '../../nodes/manager/sites/create-sites.js';
import { heapInUse } from '../support/heap.js';
import { startLoopClock } from '../support/loop-clock.js';
import { openTestManager } from '../support/manager.js';
import { newDatabase } from './database.js';
import { atMost, below, type Figure, median } from './figure.js';
import { fill } from './lists.js';

const SOME = 10_000;
const MANY = 100_000;
const OPEN_JOBS = 10;
/** Executions of each of the open jobs while claims are timed; JOBS_EACH=100000 is the goal, and takes some minutes. */
const EACH = Number(process.env.JOBS_EACH ?? SOME);
const CLAIMS = 200;
const TIMES = 5;
const LOOK_MS = 20;
const SETTLES_IN_MS = 10_000;

const READ = { command: { path: '/device/general', method: 'GET' } } as const;

/** What jobs for many gateways cost in PostgreSQL, while all of them wait for gateways that are offline. */
export async function benchJobs(): Promise<Figure[]> {
  const { options, database } = await newDatabase('jobs');
  await fill(database, MANY);
  await database.query("update tpe_presence set status = 'offline', since = now()");
  await database.query(
    `insert into mqtt_user (clientid, username, password, salt, is_superuser)
     select clientid, clientid, '', '', false from clientid_profile on conflict do nothing`,
  );
  const figures = await measureManager(options, database);
  figures.push(...(await measureClaims(database)));
  await database.close();
  return figures;
}

async function measureManager(options: DatabaseOptions, database: Database): Promise<Figure[]> {
  const { manager } = await openTestManager(options);
  // What the first job loads stays, and is no matter of how many gateways it has.
  const first = await create(manager, { filter: { search: 'gw-12' } });
  await measurePage(manager, first.job.id);
  const clock = startLoopClock();
  const before = heapInUse();
  clock.longest();
  const some = await create(manager, { filter: { search: 'gw-1' } });
  const many = await create(manager, { all: true });
  const createdPause = clock.longest();
  await database.query('vacuum analyze tpe_job_execution');
  const figures: Figure[] = [
    {
      what: 'creation of each 10,000',
      value: (some.ms / some.job.total) * SOME,
      unit: 'ms',
      goal: below(10_000),
    },
    { what: `creation of ${many.job.total}`, value: many.ms, unit: 'ms', goal: below(60_000) },
    { what: 'longest pause of the event loop meanwhile', value: createdPause, unit: 'ms', goal: below(50) },
  ];
  figures.push(...(await measurePage(manager, many.job.id)));
  await delay(SETTLES_IN_MS);
  const perExecution = Math.max(0, heapInUse() - before) / (some.job.total + many.job.total);
  figures.push({ what: 'memory for each that waits', value: perExecution, unit: 'bytes', goal: atMost(10) });
  clock.stop();
  for (const { job } of [first, some, many]) await manager.jobs.cancel(job.id, { by: 'bench' });
  await manager.close();
  return figures;
}

async function create(
  { jobs }: DeviceManager,
  targets: Job['definition']['targets'],
): Promise<{ job: Job; ms: number }> {
  const draft = await jobs.create({ name: 'bench', do: READ, targets }, { by: 'bench' });
  const begun = performance.now();
  let job = await jobs.submit(draft.id, { by: 'bench' });
  while (job.state === 'CREATING') {
    await delay(LOOK_MS);
    job = (await jobs.get(draft.id))!;
  }
  return { job, ms: performance.now() - begun };
}

/** What the page of a job asks for, one after the other; it asks for most of it at once. */
async function measurePage({ jobs }: DeviceManager, id: string): Promise<Figure[]> {
  const asked: Record<string, () => Promise<unknown>> = {
    'the list': () => jobs.list({ limit: 50 }),
    'one job': () => jobs.brief(id),
    'a page of executions': () => jobs.executions(id, { limit: 50, order: 'urgency' }),
    'a page of those that wait for something': () => jobs.executions(id, { waitingFor: 'busy', limit: 50 }),
    'why they wait': () => jobs.waiting(id),
    failures: () => jobs.failures(id),
    sites: () => jobs.sites(id),
    progress: () => jobs.progress(id),
  };
  const figures: Figure[] = [];
  for (const [what, ask] of Object.entries(asked)) {
    const times: number[] = [];
    for (let time = 0; time < TIMES; time += 1) times.push(await msOf(ask));
    figures.push({ what: `${what}, of 100,000`, value: median(times), unit: 'ms' });
  }
  const sum = figures.reduce((all, { value }) => all + value, 0);
  return [
    ...figures,
    { what: 'all that a page of a job asks for', value: sum, unit: 'ms', goal: below(300) },
  ];
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Claims by several open jobs in turn, without what sends. */
async function measureClaims(database: Database): Promise<Figure[]> {
  const ids = await openJobs(database);
  const options: ClaimOptions = {
    instance: 'bench',
    knowsPresence: () => true,
    sites: createSites({ database, onChanged: () => undefined }),
    secondsOf: () => 10,
    guard: {
      ...guardOfJobs({
        takeMany: async () => [],
        holdsChanged: () => undefined,
        ended: async () => undefined,
      }),
    },
  };
  const times: number[] = [];
  let begun = 0;
  for (let round = 0; round < CLAIMS; round += 1) {
    const id = ids[round % ids.length]!;
    const at = performance.now();
    const claimed = await database.transaction((transaction) =>
      claim(transaction, id, 10, newRound(false), options),
    );
    times.push(performance.now() - at);
    begun += claimed?.works.length ?? 0;
    await database.query("update tpe_job set tokens_at = now() - interval '1 minute' where id = $1::bigint", [
      id,
    ]);
    // Their gateways are free for the next job.
    await database.query("update tpe_job_execution set state = 'SUCCEEDED' where state = 'IN_PROGRESS'");
    await database.query('update tpe_job set in_progress = 0 where id = $1::bigint', [id]);
  }
  if (begun < CLAIMS) throw new Error('what was measured is no claim');
  const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!;
  return [
    {
      what: `a claim with ${OPEN_JOBS} open jobs of ${EACH}: 95 of 100`,
      value: p95,
      unit: 'ms',
      goal: below(10),
    },
  ];
}

/** Copies of a job whose gateways can all be begun with. */
async function openJobs(database: Database): Promise<string[]> {
  await database.query("update tpe_presence set status = 'online'");
  const [source] = await database.query<{ id: string }>('select max(id)::text as id from tpe_job');
  const rows = await database.query<{ id: string }>(
    `insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, requested_by, state, total, queued, tokens_at)
     select name, note, definition, targets, steps, jsonb_set(pace, '{maxPerMinute}', '6000'), hash, risk, classes, requested_by, 'RUNNING',
       $2, $2, now() - interval '1 minute'
     from tpe_job, generate_series(1, $3::integer) where id = $1::bigint returning id::text as id`,
    [source!.id, EACH, OPEN_JOBS],
  );
  const ids = rows.map(({ id }) => id);
  await database.query(
    `insert into tpe_job_execution (job, clientid, ordinal, state, waiting_for, next_at, site, model)
     select job.id, execution.clientid, execution.ordinal, 'QUEUED', 'rate', '-infinity', execution.site, execution.model
     from tpe_job job, (select * from tpe_job_execution where job = $1::bigint order by ordinal limit $3::integer) execution
     where job.id = any($2::bigint[])`,
    [source!.id, ids, EACH],
  );
  await database.query('vacuum analyze tpe_job_execution, tpe_job, tpe_presence');
  return ids;
}

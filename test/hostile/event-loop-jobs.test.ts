import { expect } from 'chai';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import type { Job } from '../../nodes/manager/jobs/job.js';
import { eachDatabase } from '../support/databases.js';
import { filledBody } from '../support/filled-body.js';
import {
  idlePause,
  type LoopClock,
  MAX_PAUSE_MS,
  pauseDuring,
  startLoopClock,
} from '../support/loop-clock.js';
import { nextEvent, openTestManager, type TestManager } from '../support/manager.js';

/** More than an embedded database is meant for. */
const GATEWAYS = 10_000;
const CLIENTIDS = Array.from({ length: GATEWAYS }, (_one, index) => `gw-${index + 1}`);
const READ = { name: 'read', do: { command: { path: '/device/general', method: 'GET' } } };
const BY = { by: 'test' };

/** Records a job and all its executions, which wait for their gateways. */
async function begun(
  { jobs, events }: DeviceManager,
  targets: Job['definition']['targets'],
  more: object = {},
): Promise<Job> {
  const draft = await jobs.create({ ...READ, ...more, targets }, BY);
  const runs = nextEvent(
    { events } as DeviceManager,
    'job',
    ({ job }) => job.id === draft.id && job.state === 'RUNNING',
  );
  await jobs.submit(draft.id, BY);
  const { job } = await runs;
  expect(job.total).to.equal(targets.ids?.length ?? GATEWAYS);
  return job;
}

const WORKS: Record<string, (manager: DeviceManager, id: string) => Promise<unknown>> = {
  'a preview': ({ jobs }) => jobs.preview({ ...READ, targets: { all: true } }),
  'a preview of the largest request, another one for each gateway': ({ jobs }) => {
    const command = { ...READ.do.command, requestBody: filledBody(6500), check: 'warn' };
    return jobs.preview({ ...READ, do: { command }, targets: { ids: CLIENTIDS.slice(0, 30) } });
  },
  'its creation for all': async (manager) => {
    const { id } = await begun(manager, { all: true });
    await manager.jobs.cancel(id, BY);
  },
  'its creation for 10,000 client ids': async (manager) => {
    const { id } = await begun(manager, { ids: CLIENTIDS });
    await manager.jobs.cancel(id, BY);
  },
  'its creation with the largest request, another one for each gateway': async (manager) => {
    const command = { ...READ.do.command, requestBody: filledBody(6500), check: 'warn' };
    const { id } = await begun(manager, { ids: CLIENTIDS.slice(0, 30) }, { do: { command } });
    await manager.jobs.cancel(id, BY);
  },
  'what its page shows': ({ jobs }, id) =>
    Promise.all([
      ...[jobs.list({ limit: 50 }), jobs.get(id), jobs.brief(id), jobs.waiting(id)],
      ...[jobs.executions(id, { limit: 50 }), jobs.executions(id, { limit: 50, order: 'urgency' })],
      ...[jobs.failures(id), jobs.sites(id), jobs.progress(id)],
      jobs.executions(id, { waitingFor: 'busy' }),
    ]),
  'a page of 500 executions': ({ jobs }, id) => jobs.executions(id, { limit: 500 }),
  'its report': async ({ jobs }, id) => {
    let length = 0;
    for await (const piece of jobs.report(id)) length += piece.length;
    expect(length).to.be.above(GATEWAYS);
  },
  'its pause and its going on': async ({ jobs }, id) => {
    await jobs.pause(id, BY);
    await jobs.resume(id, BY);
  },
};

eachDatabase('hostile: a job for many gateways keeps nobody waiting', (open) => {
  let test: TestManager;
  let clock: LoopClock;
  let idle: number;
  let id: string;

  before(async () => {
    const options = await open.options();
    const database = await openDatabase(options);
    await database.query(
      `insert into clientid_profile (clientid, host_name, model_name, firmware_version, tpe_version, site)
       select 'gw-' || number, 'pump ' || number, 'UC-' || number % 8, '1.' || number % 7, '2.1.0-1', 'Plant ' || number % 20
       from generate_series(1, $1) as number`,
      [GATEWAYS],
    );
    await database.query(
      `insert into mqtt_user (clientid, username, password, salt, is_superuser)
       select clientid, clientid, '', '', false from clientid_profile on conflict do nothing`,
    );
    await database.query('vacuum analyze');
    await database.close();
    // Deadlines, news that were missed and counts are looked after all the time.
    test = await openTestManager(options, { jobTiming: { controlMs: 100, sweepMs: 0, recountS: 0 } });
    clock = startLoopClock();
    await idlePause(clock.longest);
    idle = await idlePause(clock.longest);
    ({ id } = await begun(test.manager, { all: true }));
  });
  after(async () => {
    clock?.stop();
    await test?.manager.close();
  });

  for (const [name, work] of Object.entries(WORKS)) {
    it(name, async () => {
      // What is compiled at the first time is so once for all.
      await work(test.manager, id);
      const pause = await pauseDuring(clock.longest, () => work(test.manager, id));
      expect(pause, `ms; ${idle.toFixed(0)} of them where nothing is done`).to.be.below(
        MAX_PAUSE_MS + 2 * idle,
      );
    });
  }
});

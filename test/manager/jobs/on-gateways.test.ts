import { expect } from 'chai';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import type { Job } from '../../../nodes/manager/jobs/job.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { connectGateway, GENERAL, type TestGateway } from '../../support/gateway.js';
import {
  nextEvent,
  onlineGateway,
  openTestManager,
  presenceOf,
  type TestManager,
} from '../../support/manager.js';
import { metricsIn } from '../../support/metrics.js';

const READ = { name: 'read', do: { command: { path: '/device/general', method: 'GET' } } };

eachDatabaseOptions('jobs: a whole manager and its gateways', (freshDatabase) => {
  let options: DatabaseOptions;
  let test: TestManager;
  let gateways: TestGateway[];

  before(async () => {
    options = await freshDatabase();
    test = await openTestManager(options, {
      guardTimes: { settleMs: 1, settleRestartMs: 1 },
      jobTiming: { controlMs: 10 },
    });
    gateways = [];
    for (const clientid of ['gw-1', 'gw-2', 'gw-3']) {
      const gateway = await onlineGateway(test, clientid);
      await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
      gateways.push(gateway);
    }
  });
  after(() => test.manager.close());

  const became = (state: Job['state'], id: string) =>
    nextEvent(test.manager, 'job', ({ job }) => job.id === id && job.state === state);

  async function begin(definition: object, confirm = '3'): Promise<Job> {
    const { jobs } = test.manager;
    const draft = await jobs.create(definition, { by: 'Ada' });
    return await jobs.submit(draft.id, { by: 'Ada', confirm });
  }

  it('sends to each gateway once, and is completed with what they answered', async () => {
    const job = await begin({ ...READ, targets: { all: true } });
    const completed = became('COMPLETED', job.id);
    for (const gateway of gateways) await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
    const { job: done } = await completed;
    expect(done).to.deep.include({ outcome: 'SUCCEEDED', total: 3 });
    expect(done.counts.SUCCEEDED).to.equal(3);
    const found = await test.manager.jobs.execution(job.id, 'gw-1');
    const [attempt] = found?.attempts ?? [];
    const record = await test.manager.commands.get(attempt?.commands[0] ?? '');
    expect(record).to.deep.include({ clientid: 'gw-1', job: job.id, state: 'SUCCEEDED' });
  });

  it('waits for a gateway that is offline, and goes on when it comes', async () => {
    const [one, two, three] = gateways as [TestGateway, TestGateway, TestGateway];
    const gone = presenceOf(test.manager, three.clientid, 'offline');
    await three.leave();
    await gone;
    const job = await begin({ ...READ, targets: { ids: ['gw-1', 'gw-2', 'gw-3'] } });
    const completed = became('COMPLETED', job.id);
    const twoDone = nextEvent(
      test.manager,
      'job',
      (news) => news.job.id === job.id && news.job.counts.SUCCEEDED === 2,
    );
    for (const gateway of [one, two]) await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
    await twoDone;
    const { items } = await test.manager.jobs.executions(job.id, { state: 'QUEUED' });
    expect(items.map(({ clientid, waitingFor }) => [clientid, waitingFor])).to.deep.equal([
      ['gw-3', 'offline'],
    ]);
    expect(items[0]?.until).to.be.a('string');
    const credential = await test.manager.registry.rotate('gw-3');
    const back = await connectGateway({ ...credential, port: test.port });
    gateways[2] = back;
    // It is asked for its profile too, as at each connect.
    void (async () => {
      for (;;) await back.answer((await back.nextRequest()).requestId, GENERAL);
    })();
    expect((await completed).job.counts.SUCCEEDED).to.equal(3);
  });

  it('does in any case what is marked so, when a person gives up what is under way', async () => {
    const [one] = gateways as [TestGateway];
    const steps = [
      { command: { path: '/open', method: 'POST', check: 'warn' } },
      { command: { path: '/then', method: 'PUT', check: 'warn' } },
      { command: { path: '/close', method: 'PUT', check: 'warn' }, always: true },
    ];
    const job = await begin({ name: 'open and close', targets: { ids: ['gw-1'] }, do: { steps } }, '1');
    const open = await one.nextRequest();
    const canceled = became('CANCELED', job.id);
    await test.manager.jobs.cancel(job.id, { by: 'Ada', force: true, confirm: '1' });
    expect((await canceled).job.counts.CANCELED).to.equal(1);
    // The gateway is free for the next one when it has answered.
    await one.answer(open.requestId, {});
    const close = await one.nextRequest();
    expect([open.path, close.path]).to.deep.equal(['/open', '/close']);
    await one.answer(close.requestId, {});
    const [execution] = (await test.manager.jobs.executions(job.id, {})).items;
    expect(execution).to.include({ state: 'CANCELED', isUncertain: true });
  });

  it('corrects counters that are wrong, and tells of it in the log and in the metrics', async () => {
    const corrected = async () =>
      metricsIn(await test.manager.metrics.metrics()).get('tpedm_job_counters_corrected_total');
    expect(await corrected()).to.equal(0);
    // Nobody else can come to the embedded one.
    if (options.kind !== 'postgresql') return;
    await test.manager.registry.register({ clientid: 'gw-4' });
    const started = nextEvent(test.manager, 'job', ({ job }) => job.state === 'RUNNING');
    const { id } = await begin({ ...READ, targets: { ids: ['gw-4'] } }, '1');
    await started;
    const told = `Counters of the job ${id} were wrong, and were corrected: 2.`;
    const repaired = nextEvent(test.manager, 'job', ({ job }) => job.id === id && test.log.includes(told));
    const database = await openDatabase(options);
    try {
      const wrong = 'succeeded = succeeded + 1, failed = failed + 1, counted_at = null, updated_at = now()';
      await database.query(`update tpe_job set ${wrong} where id = $1::bigint`, [id]);
    } finally {
      await database.close();
    }
    expect((await repaired).job.counts).to.include({ QUEUED: 1, SUCCEEDED: 0, FAILED: 0 });
    expect(await corrected()).to.equal(2);
  });
});

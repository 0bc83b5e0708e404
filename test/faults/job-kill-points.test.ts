import { expect } from 'chai';
import type { Job } from '../../nodes/manager/jobs/job.js';
import { eachDatabase } from '../support/databases.js';
import { patience } from '../support/patience.js';
import type { Received } from './counting-gateway.js';
import { expectSameCounts, postsOf } from './job-proof.js';
import type { GivenJob } from './job-site.js';
import { killSite } from './kill-site.js';

const GATEWAYS = ['gw-1', 'gw-2'];
/** Repeats are allowed, so that only what cannot be done twice keeps it from them. */
const RETRY = { failed: 3, timedOut: 3, backoffSeconds: 1 };
const post = (stamp: string) => ({
  ...{ path: '/events', method: 'POST', check: 'warn', timeoutSeconds: 2 },
  requestBody: { stamp },
});
const ONCE = { name: 'once', do: { command: post('once') }, targets: { ids: ['gw-1'] }, retry: RETRY };
const STEPS = {
  name: 'steps',
  do: {
    steps: [
      { name: 'one', command: post('one') },
      { name: 'two', command: post('two') },
      { name: 'last', always: true, command: post('last') },
    ],
  },
  targets: { ids: ['gw-1'] },
  retry: RETRY,
};

/** Statements of the engine, by what they do. */
const CLAIM = "set state = 'IN_PROGRESS'";
const COMMAND = String.raw`insert into tpe_command .*\d+/1/0/send`;
const ANSWER = 'set state = case when answer.status between .*counted';
const CHECKPOINT = 'set step = saved.step';
const DECIDE = 'failed_tries = execution.failed_tries';
const RECORD = 'insert into tpe_job_execution';

eachDatabase('jobs: killed at each point', (open) => {
  const rig = killSite(open, { gateways: GATEWAYS, isTakenOver: false });

  beforeEach(() => {
    for (const gateway of rig.site.gateways.values()) gateway.says = () => ({ payload: { data: 'counted' } });
  });

  const gateway = () => rig.gateway('gw-1');
  const isPost = ({ method }: Received) => method === 'POST';
  const posts = () => postsOf(rig.site.received, 'gw-1');

  async function expectOnce(job: Job): Promise<void> {
    expect(job, JSON.stringify(job)).to.include({ outcome: 'SUCCEEDED' });
    expect(posts()).to.deep.equal(['once']);
    await expectSameCounts(rig.site, job.id);
  }

  it('tokens and claim committed, the command not recorded: it goes on, and sends once', async () => {
    await expectOnce(await rig.over(ONCE, { matches: CLAIM, when: 'committed' }));
  });

  it('about to record the command: it goes on, and sends once', async () => {
    await expectOnce(await rig.over(ONCE, { matches: COMMAND, when: 'before' }));
  });

  it('in the transaction of the claim: it is claimed again', async () => {
    await expectOnce(await rig.over(ONCE, { matches: CLAIM, when: 'after' }));
  });

  it('command recorded, waiting behind another one: it is sent when that has ended', async () => {
    gateway().says = ({ method }) => (method === 'GET' ? null : {});
    const other = {
      clientid: 'gw-1',
      path: '/device/time',
      requestedBy: 'test',
      timeoutMs: patience(60_000),
    };
    await rig.manager.call('commands', 'submit', { ...other, method: 'GET' });
    const flying = await rig.site.nextRequest(({ path }) => path === '/device/time');
    const id = await rig.beginAndDie(ONCE, { matches: COMMAND, when: 'committed' });
    expect(posts()).to.deep.equal([]);
    await rig.site.until('the gateway to be back', () => gateway().connected());
    gateway().answer(flying);
    await expectOnce(await rig.whenOver(id));
  });

  it('command recorded as sent, not published: nobody knows, so it is not sent again', async () => {
    const job = await rig.over(ONCE, { matches: COMMAND, when: 'committed' });
    expect(job.counts).to.include({ TIMED_OUT: 1 });
    const found = await rig.manager.jobs('execution', job.id, 'gw-1');
    expect(found?.execution).to.include({ isUncertain: true, attempts: 1 });
    expect(posts()).to.deep.equal([]);
    await expectSameCounts(rig.site, job.id);
  });

  it('published, answered while nobody is there: the answer counts', async () => {
    gateway().says = () => null;
    const id = await rig.site.begin(longer(ONCE));
    const request = await rig.site.nextRequest(isPost);
    await rig.manager.kill();
    gateway().answer(request);
    await rig.succeed();
    await expectOnce(await rig.whenOver(id));
  });

  it('published, never answered: TIMED_OUT, uncertain, and not sent again', async () => {
    gateway().says = () => null;
    const id = await rig.site.begin(ONCE);
    await rig.site.nextRequest(isPost);
    await rig.succeed();
    const job = await rig.whenOver(id);
    expect(job.counts).to.include({ TIMED_OUT: 1 });
    expect((await rig.manager.jobs('execution', id, 'gw-1'))?.execution).to.include({ isUncertain: true });
    expect(posts()).to.deep.equal(['once']);
  });

  it('answer stored, the execution not moved: it is moved', async () => {
    await expectOnce(await rig.over(ONCE, { matches: ANSWER, when: 'committed' }));
  });

  it('execution moved, the counters not yet: both are moved together', async () => {
    await expectOnce(await rig.over(ONCE, { matches: DECIDE, when: 'after' }));
  });

  it('decided, nobody told: the job is over, and no slot is held for ever', async () => {
    const disturbing = { command: { ...post('once'), path: '/unheard/of' } };
    const job = await rig.over({ ...ONCE, do: disturbing }, { matches: DECIDE, when: 'committed' });
    await expectOnce(job);
    await rig.untilNoSlots();
  });

  for (const [where, point] of Object.entries({
    'about to note the second step': { matches: CHECKPOINT, when: 'before', no: 2 },
    'the second step noted, its command not': { matches: CHECKPOINT, when: 'committed', no: 2 },
    'the second command answered': { matches: ANSWER, when: 'committed', no: 2 },
    'about to note the last step': { matches: CHECKPOINT, when: 'before', no: 3 },
  } as const)) {
    it(`${where}: each step is done once, in order`, async () => {
      const job = await rig.over(STEPS, point);
      expect(job, JSON.stringify(job)).to.include({ outcome: 'SUCCEEDED' });
      expect(posts()).to.deep.equal(['one', 'two', 'last']);
      await expectSameCounts(rig.site, job.id);
    });
  }

  it('a step has failed, the one for any case noted: that is done once, and the execution is FAILED for the first', async () => {
    gateway().says = ({ requestBody }) =>
      (requestBody as { stamp: string }).stamp === 'two' ? { state: 500 } : {};
    const job = await rig.over(STEPS, { matches: CHECKPOINT, when: 'committed', no: 3 });
    expect(job.counts).to.include({ FAILED: 1 });
    const found = await rig.manager.jobs('execution', job.id, 'gw-1');
    expect(found?.execution.reason).to.contain('500');
    expect(posts()).to.deep.equal(['one', 'two', 'last']);
  });

  it('the job is paused by a person and the manager dies: it stays paused, and goes on when it is resumed', async () => {
    gateway().says = () => null;
    const id = await rig.site.begin(
      longer({ ...ONCE, targets: { ids: GATEWAYS }, rollout: { maxInProgress: 1 } }),
    );
    const request = await rig.site.nextRequest(isPost);
    await rig.manager.call('jobs', 'pause', id, { by: 'test' });
    await rig.succeed();
    for (const one of rig.site.gateways.values()) one.says = () => ({});
    await rig.site.until('the gateway to be back', () =>
      rig.site.gateways.get(request.clientid)!.connected(),
    );
    rig.site.gateways.get(request.clientid)!.answer(request);
    await rig.site.when(id, ({ counts }) => counts.SUCCEEDED === 1);
    expect(rig.site.received.filter(isPost)).to.have.length(1);
    await rig.manager.jobs('resume', id, { by: 'test' });
    const job = await rig.whenOver(id);
    expect(job.counts).to.include({ SUCCEEDED: 2 });
    expect(rig.site.received.filter(isPost)).to.have.length(2);
  });

  describe('while gateways are recorded', () => {
    const FAR = 900;

    before(async () => {
      await rig.manager.kill();
      await rig.site.sql(
        `insert into clientid_profile (clientid, site, created_at)
         select 'far-' || no, '', 1 from generate_series(1, ${FAR}) as no`,
      );
      await rig.site.sql(
        `insert into mqtt_user (clientid, username, password, salt, is_superuser)
         select 'far-' || no, 'far-' || no, '', '', false from generate_series(1, ${FAR}) as no`,
      );
      await rig.manager.begin();
    });

    for (const when of ['after', 'committed'] as const) {
      it(`half of them recorded (${when === 'after' ? 'in' : 'behind'} the transaction): the others follow, each once`, async () => {
        const toAll = { ...ONCE, targets: { all: true }, timeouts: { offlineSeconds: 3600 } };
        const id = await rig.beginAndDie(toAll, { matches: RECORD, when, no: 2 });
        const job = await rig.site.when(id, ({ counts }) => counts.SUCCEEDED === GATEWAYS.length);
        expect(job).to.include({ state: 'RUNNING', total: FAR + GATEWAYS.length });
        expect(job.counts).to.include({ QUEUED: FAR });
        await expectSameCounts(rig.site, id);
        await rig.manager.jobs('cancel', id, { by: 'test' });
        await rig.site.when(id, ({ state }) => state === 'CANCELED');
      });
    }
  });
});

/** Its gateways have the time that a restart of the manager takes. */
function longer(definition: GivenJob & { do: typeof ONCE.do }): GivenJob {
  const { command } = definition.do;
  return { ...definition, do: { command: { ...command, timeoutSeconds: Math.ceil(patience(30)) } } };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { Stop } from '../../nodes/manager/guard/guard.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import tpeJob from '../../nodes/tpe-job/tpe-job.js';
import { counts, type FakeJobs, fakeExecution, fakeJobs } from '../support/fake-jobs.js';
import { type FakeManager, fakeDevice, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';
import { PROJECT_ROOT } from '../support/node-red-process.js';

const REBOOT = { operation: '', path: '/system/reboot', pathType: 'str', method: 'PUT' };
const BODY = { requestBody: '{"now": true}', requestBodyType: 'json' };
const ENDED = '2026-01-01T00:10:00.000Z';

type Sent = NodeMessage & { tpe: Record<string, unknown>; complete?: boolean; clientid?: string };

type Values = Record<'action' | 'job' | 'targets' | 'clientids' | 'stop', unknown>;

/** The outputs in the help in English; the other languages have the same names (test/package/locales.test.ts). */
const [HELP = ''] =
  /<ol class="node-ports">.*?<\/ol>/s.exec(
    readFileSync(join(PROJECT_ROOT, 'nodes/tpe-job/locales/en-US/tpe-job.html'), 'utf8'),
  ) ?? [];

/** The lists of names in a text: `{job, state}`. */
function groupsIn(text: string): string[][] {
  const bare = text.replaceAll(/<\/?code>/g, '');
  return [...bare.matchAll(/\{(.*?)\}/g)].map(([, names = '']) => names.split(/,\s*/));
}

describe('node tpe-job', () => {
  let manager: FakeManager;
  let fake: FakeJobs;
  let devices: Inbox;
  let summaries: Inbox;
  let states: Inbox;
  let faults: Inbox;

  const flowOf = (config: Record<string, unknown>) => {
    const at = { z: 'tab', x: 0, y: 0 };
    return [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        ...{
          id: 'node',
          ...at,
          type: 'tpe-job',
          server: 'server',
          name: 'Night',
          action: '',
          work: 'command',
        },
        ...config,
        wires: [['out1'], ['out2'], ['out3']],
      },
      { id: 'out1', ...at, type: 'helper', wires: [] },
      { id: 'out2', ...at, type: 'helper', wires: [] },
      { id: 'out3', ...at, type: 'helper', wires: [] },
      { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', ...at, type: 'helper', wires: [] },
    ];
  };
  const listen = async () => {
    [devices, summaries, states, faults] = [inbox('out1'), inbox('out2'), inbox('out3'), inbox('caught')];
    await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
    await new Promise(setImmediate);
  };
  async function load(config: Record<string, unknown> = {}): Promise<void> {
    await helper.load([fakeServer(async () => manager), tpeJob], flowOf(config));
    await listen();
  }

  const give = (msg: object) => nodeOf('node').receive({ _msgid: 'm', ...msg } as NodeMessage);
  const called = (name: string) => manager.calls.filter((call) => call.name === name).map(({ args }) => args);
  const made = () => called('create').at(-1)?.[0] as Record<string, unknown>;
  async function told(msg: object): Promise<Sent> {
    give(msg);
    return (await states.next()) as Sent;
  }
  async function fail(msg: object): Promise<{ message: string; code?: string }> {
    give(msg);
    return (await faults.next()).error as { message: string; code?: string };
  }

  beforeEach(() => {
    manager = fakeManager([fakeDevice('gw-1'), fakeDevice('gw-2')]);
    fake = fakeJobs(manager);
  });
  afterEach(() => helper.unload());

  describe('makes a job', () => {
    it('of its fields, begins it, and tells each of its states', async () => {
      await load({
        ...REBOOT,
        ...BODY,
        ...{
          targets: '{"tag": "north"}',
          targetsType: 'json',
          maxInProgress: '10',
          maxInProgressType: 'num',
        },
        ...{ perSite: '2', offlineSeconds: '3600', retryTimedOut: '1', timeout: '30', timeoutType: 'num' },
        ...{ jobName: 'Reboot', note: 'each night', verify: '{"path": "/a", "pointer": "/x", "equals": 1}' },
        verifyType: 'json',
      });
      const first = await told({ mine: 1, payload: 1234 });
      expect(made()).to.deep.equal({
        name: 'Reboot',
        note: 'each night',
        do: {
          command: {
            ...{ path: '/system/reboot', method: 'PUT', requestBody: { now: true }, timeoutSeconds: 30 },
          },
        },
        targets: { filter: { tag: 'north' } },
        verify: { path: '/a', pointer: '/x', equals: 1 },
        rollout: { maxInProgress: 10, perSite: 2 },
        timeouts: { offlineSeconds: 3600 },
        retry: { timedOut: 1 },
      });
      expect(first).to.include({ _msgid: 'm', mine: 1, topic: '1' });
      expect(first.payload).to.include({ id: '1', state: 'CREATING', requestedBy: 'tpe-job: Night' });
      expect(first.tpe).to.include({ action: 'start', job: '1', state: 'CREATING' });
      fake.become('1', { state: 'RUNNING', total: 2, counts: counts({ QUEUED: 2 }) });
      fake.become('1', { counts: counts({ QUEUED: 1, IN_PROGRESS: 1 }) });
      fake.become('1', { state: 'PAUSED', pauseReason: 'failures', reason: 'Too many failed.' });
      expect(((await states.next()) as Sent).tpe).to.include({ state: 'RUNNING', total: 2 });
      expect(((await states.next()) as Sent).tpe).to.include({
        pauseReason: 'failures',
        reason: 'Too many failed.',
      });
      expect(states.all.map((msg) => (msg as Sent).complete)).to.deep.equal([
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('of the message, where fields are blank; a field wins over it', async () => {
      await load({ maxPerMinute: '6', maxPerMinuteType: 'num' });
      const payload = {
        ...{ name: 'Mine', do: { steps: [{ waitOnline: {} }] }, targets: { ids: ['gw-1'], expect: 1 } },
        rollout: { maxPerMinute: 100, perSite: 3 },
        perTarget: 'clientid,a\ngw-1,2\n',
      };
      await told({ payload, note: 'why', retryFailed: '2' });
      expect(made()).to.deep.equal({
        ...payload,
        rollout: { maxPerMinute: 6, perSite: 3 },
        retry: { failed: 2 },
        note: 'why',
      });
    });

    it('for the gateways that tpe-register and tpe-update-scan give', async () => {
      await load(REBOOT);
      const page = [fakeDevice('gw-1'), fakeDevice('gw-2')];
      await told({ payload: page, tpe: { next: null, query: {} } });
      expect(made().targets).to.deep.equal({ ids: ['gw-1', 'gw-2'] });
      await told({ topic: 'gw-2', payload: { clientid: 'gw-2', path: [], recommended: null } });
      expect(made().targets).to.deep.equal({ ids: ['gw-2'] });
      await told({ payload: { targets: page } });
      expect(made().targets).to.deep.equal({ ids: ['gw-1', 'gw-2'] });
      await told({ payload: { targets: { ids: page, expect: 2 } } });
      expect(made().targets).to.deep.equal({ ids: ['gw-1', 'gw-2'], expect: 2 });
      await told({ targets: { all: true } });
      expect(made().targets).to.deep.equal({ all: true });
    });

    it('that installs: what a scan found, or packages', async () => {
      await load({ work: 'install', targets: 'gw-1', targetsType: 'str', snapshot: 'true' });
      await told({});
      expect(made().do).to.deep.equal({ install: { to: 'newest', snapshot: true } });
      const given = { category: 'mil', version: '1.6.0', yamlUrl: 'https://packages.example.com/a.yaml' };
      await told({ packages: given, timeout: 90 });
      expect(made().do).to.deep.nested.include({
        'install.timeoutSeconds': 90,
        'install.packages[0].version': '1.6.0',
      });
      expect(made().do).not.to.have.nested.property('install.to');
    });

    it('of steps, with values of the message in them', async () => {
      const steps =
        '[{"command": {"path": "/a", "requestBody": {"ip": {"$from": "msg", "value": "payload"}}}}]';
      await load({ work: 'steps', steps, stepsType: 'json', targets: 'gw-1', targetsType: 'str' });
      await told({ payload: '192.0.2.1' });
      expect(made().do).to.deep.equal({
        steps: [{ command: { path: '/a', requestBody: { ip: '192.0.2.1' } } }],
      });
    });

    it('and needs nobody who types a confirmation, as with commands of a flow', async () => {
      await load(REBOOT);
      fake.askFor('2');
      await told({ targets: ['gw-1', 'gw-2'] });
      expect(called('submit').map(([, act]) => (act as { confirm?: string }).confirm)).to.deep.equal([
        undefined,
        '2',
      ]);
      const { code } = await fail({ targets: ['gw-1'], confirm: '17' });
      expect(code).to.equal('CONFLICT');
      expect(fake.jobs.size, 'no draft is left').to.equal(1);
    });

    it('once, where the message has a key', async () => {
      await load(REBOOT);
      const msg = { targets: ['gw-1'], idempotencyKey: 'order 7' };
      await told(msg);
      await told(msg);
      expect(fake.jobs.size).to.equal(1);
      expect(called('submit')).to.have.length(1);
    });

    it('in two parts: a draft first, begun by another message', async () => {
      await load(REBOOT);
      const draft = await told({ action: 'create', targets: 'gw-1' });
      expect(draft.payload).to.include({ state: 'DRAFT' });
      expect((await told({ topic: 'submit' })).payload).to.include({ id: '1', state: 'CREATING' });
    });

    it('never, where something is wrong, and names the field', async () => {
      await load(REBOOT);
      for (const [msg, words] of [
        [{}, '"targets" is missing'],
        [{ payload: 17 }, '"targets" is missing'],
        [{ targets: {} }, 'without a condition'],
        [{ targets: [] }, 'targets'],
        [{ targets: ['gw-1'], maxPerMinute: 'many' }, '"maxPerMinute" must be a number'],
        [{ payload: { targets: ['gw-1'], rolout: {} } }, 'unknown property "rolout"'],
        [{ action: 'dance' }, '"action" must be one of'],
        [{ action: 'pause' }, '"job" is missing'],
        [{ action: 'skip', job: '1', clientids: { all: true } }, '"clientids" must be client ids'],
        [{ action: 'retry', job: '1', which: 'reason' }, '"code" must be'],
        [{ action: 'cancel', job: '1', force: 'yes' }, '"force" must be true or false'],
        [{ action: 'list', payload: { sate: 'RUNNING' } }, 'sate'],
      ] as const) {
        const fault = await fail(msg);
        expect(fault.message, JSON.stringify(msg)).to.contain(words);
        expect(fault.code).to.equal('INVALID_INPUT');
      }
      expect(called('create')).to.deep.equal([]);
    });

    it('only to look at it', async () => {
      await load(REBOOT);
      const msg = await told({ payload: { action: 'preview', targets: ['gw-1'] } });
      expect(msg.payload).to.include({ hash: 'abc', total: 3 });
      expect(msg.tpe).to.deep.equal({ action: 'preview', hash: 'abc', total: 3 });
      expect(fake.jobs.size).to.equal(0);
    });
  });

  describe('tells of a job', () => {
    const begin = async (config: object = {}) => {
      await load({ ...REBOOT, ...config });
      await told({ targets: ['gw-1', 'gw-2'] });
    };

    it('of each gateway that failed, by its reason', async () => {
      await begin();
      fake.become('1', { state: 'RUNNING', total: 2 }, fakeExecution('gw-1'));
      const failed = fakeExecution('gw-2', {
        state: 'FAILED',
        reason: 'It said no.',
        attempts: 2,
        changedNo: 9,
      });
      fake.become('1', {}, failed);
      const msg = (await devices.next()) as Sent;
      expect(msg).to.include({ topic: 'gw-2', clientid: 'gw-2' });
      expect(msg.payload).to.include({ clientid: 'gw-2', state: 'FAILED', reason: 'It said no.' });
      expect(msg.tpe).to.deep.equal({ job: '1', attempt: 2, state: 'FAILED', changedNo: 9 });
      expect(devices.all).to.have.length(1);
    });

    it('of all gateways, with what they answered', async () => {
      manager.onSend(({ end }) => end({ state: 'SUCCEEDED', answer: { status: 200, payload: { data: 7 } } }));
      for (let count = 0; count < 9; count += 1)
        await manager.commands.send({ clientid: 'gw-1', path: '/a' });
      await begin({ devices: 'all' });
      fake.become('1', {}, fakeExecution('gw-1'));
      expect((await devices.next()).payload).to.deep.equal({ data: 7 });
    });

    it('of no gateway', async () => {
      await begin({ devices: 'none' });
      fake.become('1', {}, fakeExecution('gw-2', { state: 'FAILED' }));
      fake.become('1', { state: 'COMPLETED', outcome: 'PARTLY', endedAt: ENDED });
      await summaries.next();
      expect(devices.all).to.deep.equal([]);
    });

    it('of hundreds of gateways in order, none twice and none missed, before the end', async () => {
      await begin();
      const ids = Array.from({ length: 500 }, (_none, index) => `gw-${index}`);
      for (const id of ids) fake.become('1', {}, fakeExecution(id, { state: 'FAILED' }));
      fake.become('1', { state: 'COMPLETED', outcome: 'FAILED', endedAt: ENDED });
      await summaries.next();
      expect(devices.all.map(({ topic }) => topic)).to.deep.equal(ids);
    });

    it('when it ends: a summary, and a last state', async () => {
      await begin();
      const ended = { state: 'COMPLETED', outcome: 'PARTLY', total: 2, endedAt: ENDED } as const;
      const those = counts({ SUCCEEDED: 1, FAILED: 1 });
      // The last gateways are told one by one, with the job as it is then.
      fake.become('1', { ...ended, counts: those }, fakeExecution('gw-1', { state: 'FAILED' }));
      fake.become('1', {}, fakeExecution('gw-2', { state: 'FAILED' }));
      fake.become('1', {});
      const summary = (await summaries.next()) as Sent;
      expect(devices.all.map(({ topic }) => topic)).to.deep.equal(['gw-1', 'gw-2']);
      expect(summary.payload).to.deep.equal({
        ...{
          id: '1',
          name: 'Night',
          state: 'COMPLETED',
          outcome: 'PARTLY',
          reason: null,
          cause: null,
          total: 2,
        },
        ...{ counts: those, tookMs: 600_000 },
        failures: [{ state: 'FAILED', reason: 'no', count: 1, clientids: ['gw-2'] }],
      });
      expect(await states.next()).to.deep.include({ complete: true, topic: '1' });
      // A late answer changes a count of it.
      fake.become('1', { counts: counts({ SUCCEEDED: 2 }) });
      fake.become('1', { state: 'RUNNING', endedAt: null });
      expect(((await states.next()) as Sent).tpe, 'tried again by a person').to.include({ state: 'RUNNING' });
      fake.become('1', { state: 'COMPLETED', outcome: 'SUCCEEDED', endedAt: ENDED });
      expect(((await summaries.next()) as Sent).payload).to.include({ outcome: 'SUCCEEDED' });
      expect(summaries.all).to.have.length(2);
    });

    it('with a summary also where the failures cannot be read, which a Catch node hears', async () => {
      await begin();
      Object.assign(manager.jobs, {
        failures: async () => {
          throw new TpeError('UNAVAILABLE', 'The database is away.');
        },
      });
      fake.become('1', { state: 'COMPLETED', outcome: 'FAILED', endedAt: ENDED });
      expect((await summaries.next()).payload).to.include({ failures: null, state: 'COMPLETED' });
      expect((await faults.next()).error).to.include({ code: 'UNAVAILABLE' });
    });

    it('that this node began, and of no other', async () => {
      await begin();
      await manager.jobs.create({ name: 'Another' }, { by: 'ada' });
      fake.become('2', { state: 'RUNNING' });
      fake.become('1', { state: 'RUNNING' });
      expect(((await states.next()) as Sent).topic).to.equal('1');
      expect(states.all).to.have.length(2);
    });

    it('below itself', async () => {
      await begin();
      fake.waiting = { offline: 3, rate: 170 };
      fake.become('1', {
        state: 'RUNNING',
        total: 212,
        counts: counts({ QUEUED: 175, SUCCEEDED: 35, FAILED: 2 }),
      });
      const text = 'tpe-job.status.job · 37/212 · tpe-job.status.failed · tpe-j';
      expect(
        await shownStatus(nodeOf('node'), (status) => status.text?.startsWith(text) === true),
      ).to.include({ fill: 'blue' });
      fake.become('1', {
        state: 'COMPLETED',
        outcome: 'SUCCEEDED',
        counts: counts({ SUCCEEDED: 212 }),
        endedAt: ENDED,
      });
      await shownStatus(nodeOf('node'), ({ text }) => text === 'tpe-job.status.job · 212/212');
    });
  });

  describe('and a deploy', () => {
    it('without the node end no job', async () => {
      await load(REBOOT);
      await told({ targets: ['gw-1'] });
      await helper.setFlows(
        flowOf({}).filter(({ id }) => id !== 'node'),
        'full',
      );
      expect(called('cancel').concat(called('pause'))).to.deep.equal([]);
    });

    it('of the node alone lose nothing', async () => {
      await load(REBOOT);
      await told({ targets: ['gw-1'] });
      await told({ targets: ['gw-2'] });
      fake.become('2', { state: 'RUNNING' });
      await states.next();
      const deployed = helper.setFlows(flowOf({ ...REBOOT, x: 10 }), 'nodes');
      fake.become('1', { state: 'COMPLETED', outcome: 'SUCCEEDED', endedAt: ENDED });
      await deployed;
      const [summary, last] = [await summaries.next(), await states.next()];
      expect(summary.payload).to.include({ id: '1', state: 'COMPLETED' });
      expect(last).to.include({ complete: true });
      fake.become('2', { state: 'COMPLETED', outcome: 'SUCCEEDED', endedAt: ENDED });
      expect((await states.next()).topic).to.equal('2');
      expect(states.all).to.have.length(5);
    });
  });

  describe('acts on a job', () => {
    beforeEach(async () => {
      await load(REBOOT);
      await told({ targets: ['gw-1', 'gw-2'] });
    });

    it('of its own without its id, as long as it is the only one', async () => {
      expect((await told({ payload: { action: 'pause' } })).payload).to.include({ id: '1', state: 'PAUSED' });
      expect((await told({ topic: 'resume' })).payload).to.include({ id: '1', state: 'RUNNING' });
      await told({ targets: ['gw-1'] });
      expect((await fail({ topic: 'pause' })).message).to.contain('"job" is missing');
      expect((await told({ topic: 'pause', job: '2' })).payload).to.include({ id: '2', state: 'PAUSED' });
      expect((await told({ topic: 'pause', tpe: { job: '1' } })).payload).to.include({ id: '1' });
    });

    it('by who asks', async () => {
      await told({ action: 'pause', requestedBy: 'shift 2' });
      expect(called('pause')).to.deep.equal([['1', { by: 'shift 2' }]]);
    });

    it('and tells its end also where a message ended it', async () => {
      fake.askFor('5');
      expect(((await told({ payload: { action: 'cancel', force: true } })) as Sent).tpe).to.include({
        action: 'cancel',
        state: 'CANCELED',
      });
      expect(called('cancel').at(-1)).to.deep.equal([
        '1',
        { by: 'tpe-job: Night', force: true, confirm: '5' },
      ]);
      expect((await summaries.next()).payload).to.include({ state: 'CANCELED' });
      expect(await states.next()).to.include({ complete: true });
      expect(summaries.all).to.have.length(1);
    });

    it('that has failures: has them tried again, or leaves gateways out', async () => {
      expect((await told({ action: 'retry' })).payload).to.deep.equal({ count: 2 });
      await told({ payload: { action: 'retry', which: 'one', clientid: 'gw-1', confirm: 'gw-1' } });
      expect(called('retry').map(([, which]) => which)).to.deep.equal([
        { which: 'failed' },
        { which: 'one', clientid: 'gw-1', confirm: 'gw-1' },
      ]);
      expect((await told({ action: 'skip', clientids: ['gw-1', 'gw-2'] })).payload).to.deep.equal({
        count: 2,
      });
    });

    it('or looks at it: the job, a gateway of it, all gateways by page, what they wait for', async () => {
      fake.waiting = { offline: 3 };
      expect((await told({ action: 'get', job: '1' })).payload).to.include({ id: '1' });
      expect((await told({ action: 'get', clientid: 'gw-1' })).payload).to.have.property('attempts');
      expect((await fail({ action: 'get', clientid: 'gw-404' })).code).to.equal('NOT_FOUND');
      expect((await fail({ action: 'get', job: '99' })).code).to.equal('NOT_FOUND');
      const page = await told({ payload: { action: 'list', job: '1', sinceChange: 4 } });
      expect(page.tpe).to.deep.equal({ action: 'list', job: '1', next: 'c', query: { sinceChange: 4 } });
      await told({ ...page, action: 'list' });
      expect(called('executions').at(-1)).to.deep.equal(['1', { sinceChange: 4, cursor: 'c' }]);
      const jobs = await told({ action: 'list', payload: { state: 'RUNNING' } });
      await told({ ...jobs, action: 'list' });
      expect(called('listJobs').at(-1)).to.deep.equal([{ state: 'RUNNING', before: '7' }]);
      expect((await told({ action: 'waiting' })).payload).to.deep.equal({ offline: 3 });
    });
  });

  describe('sends what its help says', () => {
    /** Of each output: the properties of the message, and of each the lists of names that it may have. */
    const outputs = [...HELP.matchAll(/<li>(.*?)<\/li>/gs)].map(([, output = '']) => {
      const properties = [...output.matchAll(/<dt>(\w+) .*?<dd>(.*?)<\/dd>/gs)];
      return new Map(properties.map(([, name = '', text = '']) => [name, groupsIn(text)]));
    });
    /** That a message has the properties of an output, of whose `tpe` one list has all names, whatever comes in addition. */
    function expectSaid(msg: Sent, output: Map<string, string[][]>, isAnswer: boolean): void {
      const { _msgid, ...sent } = msg;
      const optional = ['complete', 'topic'].filter((name) => output.has(name) && !(name in sent));
      expect([...Object.keys(sent), ...optional], JSON.stringify(msg)).to.have.members([...output.keys()]);
      const { action, ...tpe } = msg.tpe;
      expect(action !== undefined).to.equal(isAnswer);
      const names = Object.keys(tpe).toSorted().join();
      const said = output.get('tpe')!.map((group) => group.toSorted().join());
      if (names !== '') expect(said, JSON.stringify(msg)).to.include(names);
    }

    it('on each of its outputs, for each action', async () => {
      const guard = {
        stop: async () => ({ id: '1' }),
        activeStops: async () => [{ id: '1', createdBy: 'tpe-job: Night' }],
        lift: async (id: string) => ({ id }),
      };
      Object.assign(manager, { guard });
      await load(REBOOT);
      const answers = [await told({ targets: ['gw-1', 'gw-2'] })];
      for (const action of [
        'preview',
        'create',
        'submit',
        'pause',
        'resume',
        'retry',
        'get',
        'list',
        'waiting',
      ])
        answers.push(await told({ action, ...(action === 'list' ? {} : { job: '1' }), targets: ['gw-1'] }));
      answers.push(await told({ action: 'get', job: '1', clientid: 'gw-1' }));
      answers.push(await told({ action: 'list', job: '1' }));
      answers.push(await told({ action: 'skip', job: '1', clientids: ['gw-1'] }));
      answers.push(await told({ action: 'stopAll' }), await told({ action: 'liftStop' }));
      answers.push(await told({ action: 'liftStop', stop: '1' }));
      const before = states.all.length;
      fake.become('1', { total: 2 }, fakeExecution('gw-1', { state: 'FAILED' }));
      fake.become('1', { state: 'PAUSED', pauseReason: 'failures', reason: 'no' });
      fake.become('1', { state: 'COMPLETED', outcome: 'PARTLY', endedAt: ENDED });
      const summary = (await summaries.next()) as Sent;
      while ((states.all.at(-1) as Sent).complete !== true) await states.next();
      expect(answers).to.have.length(16);
      // What came with a message that was answered stays in it.
      for (const { action, job, targets, clientid, clientids, stop, ...msg } of answers as (Sent & Values)[])
        expectSaid(msg as Sent, outputs[2]!, true);
      const news = states.all.slice(before) as Sent[];
      for (const msg of news) expectSaid(msg, outputs[2]!, false);
      expectSaid(summary, outputs[1]!, false);
      expect(outputs[1]!.get('payload')).to.deep.equal([Object.keys(summary.payload as object)]);
      expect(devices.all).to.have.length(1);
      expectSaid(devices.all[0] as Sent, outputs[0]!, false);
    });
  });

  describe('stops all', () => {
    let active: Partial<Stop>[];
    beforeEach(async () => {
      active = [];
      const guard = {
        async stop(stop: object, by: string) {
          const one = { id: String(active.length + 1), value: null, ...stop, createdBy: by };
          active.push(one);
          return one;
        },
        activeStops: async () => active,
        async lift(id: string) {
          const found = active.find((one) => one.id === id);
          active = active.filter((one) => one !== found);
          return found;
        },
      };
      Object.assign(manager, { guard });
      await load();
    });

    it('and lifts that again, but never what somebody else has stopped', async () => {
      const stop = await told({ topic: 'stopAll', payload: true });
      expect(stop.payload).to.deep.include({ scope: 'fleet', createdBy: 'tpe-job: Night' });
      active.push({ id: '9', scope: 'site', value: 'north', createdBy: 'ada' });
      expect((await told({ topic: 'liftStop', payload: false })).payload).to.have.length(1);
      const fault = await fail({ topic: 'liftStop' });
      expect(fault.code).to.equal('NOT_FOUND');
      expect(fault.message).to.contain('9 (ada)');
      await told({ payload: { action: 'liftStop', stop: '9' } });
      expect(active).to.deep.equal([]);
    });

    it('of a site, a model or a job', async () => {
      const fault = await fail({ payload: { action: 'stopAll', scope: 'planet' } });
      expect(fault).to.include({ code: 'INVALID_INPUT' });
      expect(fault.message).to.contain('scope');
      await told({ payload: { action: 'stopAll', scope: 'site', value: 'north', reason: 'fire' } });
      await told({ payload: { action: 'stopAll', scope: 'job' }, job: '42' });
      expect(active.map(({ scope, value, reason }) => [scope, value, reason])).to.deep.equal([
        ['site', 'north', 'fire'],
        ['job', '42', ''],
      ]);
    });
  });
});

import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import { enrollVirtualGateways } from '../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import { type Simulator, startSimulator } from '../../nodes/manager/gateway-simulator/simulator.js';
import tpeJob from '../../nodes/tpe-job/tpe-job.js';
import { opener } from '../support/databases.js';
import { fakeServer } from '../support/fake-server.js';
import { openTestManager, presenceOf, type TestManager } from '../support/manager.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';

const IDS = ['virtual-0001', 'virtual-0002', 'virtual-0003'];

type Sent = NodeMessage & { tpe: Record<string, unknown>; complete?: boolean };

describe('node tpe-job with virtual gateways', () => {
  const open = opener('pglite');
  let test: TestManager;
  let simulator: Simulator;
  let devices: Inbox;
  let summaries: Inbox;
  let states: Inbox;
  let faults: Inbox;

  before(async () => {
    test = await openTestManager(await open.options());
    const { gateways } = await enrollVirtualGateways(test.manager.registry, virtualIdentities(3));
    const online = Promise.all(IDS.map((id) => presenceOf(test.manager, id, 'online')));
    simulator = startSimulator({
      url: `mqtt://127.0.0.1:${test.port}`,
      gateways,
      inputTopic: '/tpedm/{clientid}/input',
      outputTopic: '/tpedm/{clientid}/output',
      latencyMs: [0, 2],
    });
    await online;
  });
  after(async () => {
    await simulator.stop();
    await test.manager.close();
  });
  afterEach(() => helper.unload());

  const flowOf = (config: object) => {
    const at = { z: 'tab', x: 0, y: 0 };
    const out = (id: string) => ({ id, ...at, type: 'helper', wires: [] });
    return [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        ...{
          id: 'node',
          ...at,
          type: 'tpe-job',
          server: 'server',
          name: 'Fleet',
          work: 'command',
          devices: 'all',
        },
        ...config,
        wires: [['out1'], ['out2'], ['out3']],
      },
      ...['out1', 'out2', 'out3', 'caught'].map(out),
      { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
    ];
  };

  async function load(config: object): Promise<void> {
    const manager = { ...test.manager, close: async () => undefined };
    await helper.load([fakeServer(async () => manager), tpeJob], flowOf(config));
    [devices, summaries, states, faults] = [inbox('out1'), inbox('out2'), inbox('out3'), inbox('caught')];
    await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
    await new Promise(setImmediate);
  }
  const give = (msg: object) => nodeOf('node').receive({ _msgid: 'm', ...msg } as NodeMessage);

  it('asks all, tells what each answered, and how it ended', async () => {
    await load({
      path: '/device/general',
      method: 'GET',
      targets: '{"search": "virtual-"}',
      targetsType: 'json',
    });
    give({});
    const summary = (await summaries.next()) as Sent;
    expect(summary.payload).to.deep.include({
      state: 'COMPLETED',
      outcome: 'SUCCEEDED',
      total: 3,
      failures: [],
    });
    expect(devices.all.map(({ topic }) => topic).toSorted()).to.deep.equal(IDS);
    for (const { payload } of devices.all) expect(payload).to.have.nested.property('data.serialNumber');
    const first = (await states.next()) as Sent;
    expect(first.tpe).to.include({ action: 'start', state: 'CREATING' });
    while ((states.all.at(-1) as Sent).complete !== true) await states.next();
    expect((states.all.at(-1) as Sent).tpe).to.include({ state: 'COMPLETED', done: 3, failed: 0 });
    expect(states.all.at(-1)).to.include({ complete: true });
    expect(faults.all).to.deep.equal([]);
  });

  it('sets values of each gateway, of a CSV text', async () => {
    const requestBody = '{"hostName": "{{value.name}}"}';
    await load({
      ...{ path: '/device/general', method: 'PATCH', requestBody, requestBodyType: 'json', check: 'warn' },
      ...{ targets: JSON.stringify(IDS.slice(0, 2)), targetsType: 'json' },
    });
    const perTarget = `clientid,name\n${IDS[0]},press-1\n${IDS[1]},oven-2\n`;
    give({ action: 'preview', perTarget });
    const { bodies } = (await states.next()).payload as {
      bodies: { requests: { requestBody: unknown }[] }[];
    };
    const shown = bodies.flatMap(({ requests }) => requests.map((one) => one.requestBody));
    expect(shown).to.deep.include({ hostName: 'press-1' }).and.to.deep.include({ hostName: 'oven-2' });
    give({ perTarget });
    const { total } = (await summaries.next()).payload as { total: number };
    expect(total).to.equal(2);
    const sent = await test.manager.commands.list({ limit: 10 });
    const named = sent
      .filter(({ method }) => method === 'PATCH')
      .map((one) => JSON.stringify(one.requestBody));
    expect(named.join()).to.contain('press-1').and.to.contain('oven-2');
  });

  it('refuses what does not fit, with the field, and leaves no draft', async () => {
    await load({ path: '/device/general', method: 'GET', targets: IDS[0], targetsType: 'str' });
    const before = (await test.manager.jobs.list({})).items.length;
    give({ payload: { do: { install: {}, command: {} }, targets: [IDS[0]], rollout: { perSite: 0 } } });
    expect((await faults.next()).error).to.include({ code: 'INVALID_INPUT' });
    give({ targets: { ids: [IDS[0]] }, payload: { targets: { ids: IDS, expect: 30 } } });
    await states.next();
    await helper.unload();
    await load({ path: '/device/general', method: 'GET' });
    give({ payload: { targets: { ids: IDS, expect: 30 } } });
    expect((await faults.next()).error).to.include({ code: 'CONFLICT' });
    const drafts = (await test.manager.jobs.list({ state: 'DRAFT' })).items;
    expect(drafts).to.deep.equal([]);
    expect((await test.manager.jobs.list({})).items.length - before).to.equal(1);
  });

  it('is paused and ended by messages, and stopped for all', async () => {
    await load({
      path: '/device/general',
      method: 'PUT',
      requestBody: '{}',
      requestBodyType: 'json',
      check: 'warn',
    });
    give({ topic: 'stopAll' });
    const stop = (await states.next()) as Sent;
    expect(stop.payload).to.include({ scope: 'fleet', createdBy: 'tpe-job: Fleet' });
    give({ targets: IDS });
    const until = async (state: string) => {
      for (;;) {
        const msg = (await states.next()) as Sent;
        if (msg.tpe.state === state) return msg;
      }
    };
    await until('RUNNING');
    give({ topic: 'pause' });
    await until('PAUSED');
    give({ topic: 'cancel' });
    expect((await summaries.next()).payload).to.deep.include({ state: 'CANCELED', total: 3 });
    await until('CANCELED');
    give({ topic: 'liftStop' });
    for (let msg = await states.next(); ; msg = await states.next()) {
      if ((msg as Sent).tpe.action !== 'liftStop') continue;
      expect(msg.payload).to.have.length(1);
      break;
    }
    expect(faults.all).to.deep.equal([]);
  });
});

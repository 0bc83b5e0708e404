import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import { enrollVirtualGateways } from '../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import { type Simulator, startSimulator } from '../../nodes/manager/gateway-simulator/simulator.js';
import tpeJob from '../../nodes/tpe-job/tpe-job.js';
import { opener } from '../support/databases.js';
import { type Emqx, startEmqx } from '../support/emqx/index.js';
import { KEY } from '../support/emqx-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';

const LOGIN = { username: 'tpedm', password: 'the login of the manager' };
const COUNT = 60;
const IDS = virtualIdentities(COUNT).map(({ clientid }) => clientid);
/** Refused where the job comes to them, and sent nothing. */
const STRANGERS = ['nobody-1', 'nobody-2'];

type Sent = NodeMessage & { tpe: { state: string; changedNo: number } };

describe('node tpe-job where several managers carry out its job (postgresql)', () => {
  const open = opener('postgresql');
  let database: DatabaseOptions;
  let emqx: Emqx;
  let simulator: Simulator;
  let first: DeviceManager;
  let second: DeviceManager;
  let devices: Inbox;
  let summaries: Inbox;

  const openManager = (instance: string, mostUnderWay: number) =>
    openDeviceManager({
      database,
      broker: {
        ...{ kind: 'emqx', apiUrl: emqx.apiUrl, ...KEY, events: 'mqtt' },
        mqtt: { url: emqx.mqttUrl, ...LOGIN },
      },
      instance,
      jobTiming: { mostUnderWay },
      log: { info: () => undefined, warn: () => undefined },
    });

  /** The node is at the first one. */
  async function openSite(mostUnderWay: { first: number; second: number }): Promise<void> {
    database = await open.options();
    emqx = await startEmqx({
      ...{ version: '5.8', mqttPort: 0, apiPort: 0, ...KEY, accounts: [LOGIN], sysEvents: true },
      authenticate: (clientid, username, password) =>
        second.registry.authenticate(clientid, username ?? '', password),
    });
    first = await openManager('first', mostUnderWay.first);
    second = await openManager('second', mostUnderWay.second);
    const { gateways } = await enrollVirtualGateways(first.registry, virtualIdentities(COUNT));
    const online = new Promise<void>((resolve) => {
      const seen = new Set<string>();
      first.events.on('presence', ({ clientid, status }) => {
        if (status === 'online' && seen.add(clientid).size === COUNT) resolve();
      });
    });
    simulator = startSimulator({
      ...{ url: emqx.mqttUrl, gateways, latencyMs: [0, 20] },
      ...{ inputTopic: '/tpedm/{clientid}/input', outputTopic: '/tpedm/{clientid}/output' },
    });
    await online;
    const manager = { ...first, close: async () => undefined };
    await helper.load([fakeServer(async () => manager), tpeJob], flowOf({}));
    [devices, summaries] = [inbox('out1'), inbox('out2')];
    await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green' || fill === 'blue');
    await new Promise(setImmediate);
  }

  const flowOf = (config: object) => {
    const at = { z: 'tab', x: 0, y: 0 };
    const job = { action: '', work: 'command', path: '/device/general', method: 'GET', devices: 'all' };
    return [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        ...{ id: 'node', ...at, type: 'tpe-job', server: 'server', name: 'Fleet', ...job, ...config },
        wires: [['out1'], ['out2'], []],
      },
      { id: 'out1', ...at, type: 'helper', wires: [] },
      { id: 'out2', ...at, type: 'helper', wires: [] },
    ];
  };

  const give = (msg: object) => nodeOf('node').receive({ _msgid: 'm', ...msg } as NodeMessage);
  const senders = async () => {
    const sent: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await first.commands.list({ limit: 500, ...(before !== undefined && { before }) });
      const own = page.filter(({ job }) => job !== null);
      sent.push(...own.map(({ instance }) => instance));
      if (page.length < 500) return new Set(sent);
      before = page.at(-1)!.requestId;
    }
  };

  function expectEachOnce(told: readonly NodeMessage[], ids: readonly string[]): void {
    expect(told.map(({ topic }) => topic).toSorted()).to.deep.equal([...ids].toSorted());
    const changes = told.map((msg) => (msg as Sent).tpe.changedNo);
    expect(changes, 'in the order in which they were decided').to.deep.equal(
      changes.toSorted((one, other) => one - other),
    );
  }

  afterEach(async () => {
    await helper.unload();
    await simulator.stop();
    await first.close();
    await second.close();
    await emqx.stop();
  });

  it('tells of each gateway once, with its answer, although another one did them all', async () => {
    await openSite({ first: 0, second: 500 });
    give({ targets: [...IDS, ...STRANGERS] });
    const { payload } = await summaries.next();
    expect(payload).to.deep.include({ state: 'COMPLETED', total: COUNT + 2 });
    expectEachOnce(devices.all, [...IDS, ...STRANGERS]);
    for (const msg of devices.all) {
      const isStrange = STRANGERS.includes(String(msg.topic));
      expect((msg as Sent).tpe.state).to.equal(isStrange ? 'REJECTED' : 'SUCCEEDED');
      expect(msg.payload).to.have.nested.property(isStrange ? 'cause.code' : 'data.serialNumber');
    }
    expect(await senders()).to.deep.equal(new Set(['second']));
  });

  it('tells of each gateway once, where both did some', async () => {
    await openSite({ first: 2, second: 2 });
    give({ targets: IDS });
    await summaries.next();
    expectEachOnce(devices.all, IDS);
    expect(await senders()).to.deep.equal(new Set(['first', 'second']));
  });

  it('tells after a deploy of those that were done meanwhile, and of none twice', async () => {
    await openSite({ first: 0, second: 2 });
    give({ targets: IDS });
    await devices.next();
    await helper.setFlows(flowOf({ x: 10 }), 'nodes');
    await summaries.next();
    expectEachOnce(devices.all, IDS);
  });
});

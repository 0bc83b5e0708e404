import { expect } from 'chai';
import type { Node, NodeDef, NodeMessage } from 'node-red';
import type { DeviceManager } from '../../../nodes/manager/device-manager.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { statusLine } from '../../../nodes/node-red/runtime/node-status.js';
import { linkServer } from '../../../nodes/node-red/server/server-link.js';
import tpeRegister from '../../../nodes/tpe-register/tpe-register.js';
import tpeStatus from '../../../nodes/tpe-status/tpe-status.js';
import { type FakeManager, fakeDevice, fakeManager } from '../../support/fake-manager.js';
import { fakeServer } from '../../support/fake-server.js';
import {
  helper,
  inbox,
  type NodeModule,
  nodeOf,
  shownStatus,
  statusesOf,
} from '../../support/node-red-helper.js';

const TEXT = '@tpedm/node-red-dashboard-2-tpedm/tpe-server:tpe-server.status';

function flow(change: Record<string, unknown> = {}): object[] {
  const place = { z: 'tab', x: 0, y: 0 };
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'server', type: 'tpe-server', name: '' },
    {
      id: 'node',
      ...place,
      type: 'tpe-register',
      server: 'server',
      action: 'get',
      wires: [['out']],
      ...change,
    },
    { id: 'other', ...place, type: 'tpe-status', server: 'server', wires: [['out']] },
    { id: 'out', ...place, type: 'helper', wires: [] },
    { id: 'catcher', ...place, type: 'catch', scope: null, wires: [['caught']] },
    { id: 'caught', ...place, type: 'helper', wires: [] },
  ];
}

describe('nodes and their server', () => {
  let opened: FakeManager[];
  let open: () => Promise<DeviceManager>;

  const load = (nodes = flow()) => helper.load([fakeServer(() => open()), tpeRegister, tpeStatus], nodes);
  const isGreen = (status: { fill?: string }) => status.fill === 'green';

  async function errorOf(msg: NodeMessage): Promise<unknown> {
    const caught = inbox('caught');
    nodeOf('node').receive(msg);
    return (await caught.next()).error;
  }

  beforeEach(() => {
    opened = [];
    open = async () => {
      const manager = fakeManager([fakeDevice('gw')]);
      opened.push(manager);
      return manager;
    };
  });
  afterEach(() => helper.unload());

  it('are made first and told then, where the server is open already', async () => {
    const order: string[] = [];
    const probe: NodeModule = (RED) => {
      function Probe(this: Node, config: NodeDef & { server?: string }) {
        RED.nodes.createNode(this, config);
        linkServer(RED, this, config, statusLine(this), () => {
          order.push('told');
          return () => undefined;
        });
        order.push('made');
      }
      RED.nodes.registerType('probe', Probe);
    };
    await helper.load([fakeServer(() => open()), tpeRegister, tpeStatus, probe], flow());
    await shownStatus(nodeOf('node'), isGreen);
    await helper.setFlows([...flow(), { id: 'late', z: 'tab', type: 'probe', server: 'server' }], 'nodes');
    await shownStatus(nodeOf('late'), isGreen);
    expect(order).to.deep.equal(['made', 'told']);
  });

  it('open one manager for all nodes, and say so', async () => {
    await load();
    await shownStatus(nodeOf('node'), isGreen);
    await shownStatus(nodeOf('other'), isGreen);
    expect(opened).to.have.length(1);
    expect(statusesOf(nodeOf('node'))[0]).to.deep.equal({
      fill: 'yellow',
      shape: 'ring',
      text: `${TEXT}.connecting`,
    });
  });

  it('keep the manager through a deploy of one node, and renew it through a deploy of the server', async () => {
    await load();
    await shownStatus(nodeOf('node'), isGreen);
    const before = nodeOf('node');
    await helper.setFlows(flow({ name: 'changed' }), 'nodes');
    expect(nodeOf('node')).not.to.equal(before);
    await shownStatus(nodeOf('node'), isGreen);
    expect(opened).to.have.length(1);
    expect(opened[0]?.events.listenerCount('presence')).to.equal(1);

    const renamed = flow().map((node) =>
      'id' in node && node.id === 'server' ? { ...node, name: 'renamed' } : node,
    );
    await helper.setFlows(renamed, 'nodes');
    await shownStatus(nodeOf('node'), isGreen);
    expect(opened).to.have.length(2);
    expect(opened[0]?.closed).to.equal(true);
    expect(opened[0]?.events.listenerCount('presence')).to.equal(0);
  });

  it('close the manager with the server', async () => {
    await load();
    await shownStatus(nodeOf('node'), isGreen);
    await helper.unload();
    expect(opened[0]?.closed).to.equal(true);
  });

  it('say that a server is missing, and keep the flow running', async () => {
    await load(flow({ server: '' }));
    await shownStatus(
      nodeOf('node'),
      (status) => status.text === `${TEXT}.noServer` && status.fill === 'red',
    );
    expect(await errorOf({ clientid: 'gw' })).to.include({ code: 'UNAVAILABLE' });
  });

  it('let a message wait for the first attempt to open', async () => {
    const openNow = open;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    open = () => held.then(openNow);
    await load();
    const out = inbox('out');
    nodeOf('node').receive({ clientid: 'gw' });
    goOn();
    expect((await out.next()).payload).to.include({ clientid: 'gw' });
  });

  it('show in words why it does not open, and try again', async () => {
    const openNow = open;
    let attempts = 0;
    open = async () => {
      attempts += 1;
      if (attempts > 1) return openNow();
      throw new TpeError('UNAVAILABLE', 'The database at db:5432 refuses connections.');
    };
    await load();
    await shownStatus(
      nodeOf('node'),
      (status) => status.fill === 'yellow' && status.text === 'The database at db:5432 refuses connections.',
    );
    const error = (await errorOf({ clientid: 'gw' })) as { message: string; code: string };
    expect(error.code).to.equal('UNAVAILABLE');
    expect(error.message).to.contain('db:5432');
    await shownStatus(nodeOf('node'), isGreen);
  });

  it('do not try again what another configuration must mend', async () => {
    let attempts = 0;
    open = async () => {
      attempts += 1;
      throw new TpeError('INVALID_INPUT', 'The folder /nowhere cannot be written.');
    };
    await load();
    await shownStatus(
      nodeOf('other'),
      (status) => status.fill === 'red' && /nowhere/.test(status.text ?? ''),
    );
    expect(await errorOf({ clientid: 'gw' })).to.include({ code: 'INVALID_INPUT' });
    expect(attempts).to.equal(1);
  });

  it('show when database or broker are lost, and when they are back', async () => {
    await load();
    await shownStatus(nodeOf('node'), isGreen);
    opened[0]?.setHealth({ database: 'database gone' });
    await shownStatus(nodeOf('node'), (status) => status.fill === 'red' && status.text === 'database gone');
    const shown = statusesOf(nodeOf('node')).length;
    opened[0]?.setHealth({});
    await shownStatus(
      nodeOf('node'),
      (status) => isGreen(status) && statusesOf(nodeOf('node')).length > shown,
    );
  });

  it('close the manager that was still opening when the server closed', async () => {
    const openNow = open;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    open = () => held.then(openNow);
    await load();
    const unloaded = helper.unload();
    goOn();
    await unloaded;
    expect(opened[0]?.closed).to.equal(true);
  });

  it('show an error in red until the next message succeeds', async () => {
    await load();
    await shownStatus(nodeOf('node'), isGreen);
    await errorOf({ clientid: 'nobody' });
    await shownStatus(
      nodeOf('node'),
      (status) => status.fill === 'red' && status.text === `${TEXT}.NOT_FOUND`,
    );
    const shown = statusesOf(nodeOf('node')).length;
    nodeOf('node').receive({ clientid: 'gw' });
    await shownStatus(
      nodeOf('node'),
      (status) => isGreen(status) && statusesOf(nodeOf('node')).length > shown,
    );
  });
});

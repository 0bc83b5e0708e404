import { join } from 'node:path';
import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import type { TelemetryOutput } from '../../nodes/manager/intake/gateway-output.js';
import type { ServerNode } from '../../nodes/node-red/server/server-node.js';
import tpeCommand from '../../nodes/tpe-command/tpe-command.js';
import tpeServer from '../../nodes/tpe-server/tpe-server.js';
import tpeSimulator from '../../nodes/tpe-simulator/tpe-simulator.js';
import { copyEmptyDatabase } from '../support/embedded-template.js';
import { freePort } from '../support/free-port.js';
import { nextEvent } from '../support/manager.js';
import { helper, inbox, nodeOf, shownStatus, warningsOf } from '../support/node-red-helper.js';
import { temporaryFolder } from '../support/node-red-process.js';

describe('node tpe-simulator', () => {
  let folder: string;
  let port: string;

  function flow(count: number, more: object = {}): object[] {
    const place = { z: 'tab', x: 0, y: 0 };
    return [
      { id: 'tab', type: 'tab', label: 'test' },
      {
        id: 'server',
        type: 'tpe-server',
        registry: 'embedded',
        dataFolder: folder,
        broker: 'embedded',
        port,
        telemetry: '/tpedm/{clientid}/telemetry/#',
      },
      {
        id: 'sim',
        ...place,
        type: 'tpe-simulator',
        server: 'server',
        count: `${count}`,
        ...more,
        wires: [['told']],
      },
      { id: 'told', ...place, type: 'helper', wires: [] },
      {
        id: 'command',
        ...place,
        type: 'tpe-command',
        server: 'server',
        path: '/device/general',
        wires: [['ok'], ['none'], ['summary']],
      },
      { id: 'summary', ...place, type: 'helper', wires: [] },
      { id: 'ok', ...place, type: 'helper', wires: [] },
      { id: 'none', ...place, type: 'helper', wires: [] },
      { id: 'catcher', ...place, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', ...place, type: 'helper', wires: [] },
    ];
  }

  const load = (nodes: object[]) => helper.load([tpeServer, tpeCommand, tpeSimulator], nodes);
  const manager = (): Promise<DeviceManager> => (nodeOf('server') as ServerNode).getManager();
  // The helper does not translate: the counts are not in the text, the colour says it.
  const allOnline = (id = 'sim') =>
    shownStatus(
      nodeOf(id),
      (status) => status.fill === 'green' && status.text === 'tpe-simulator.status.connected',
    );

  async function tell(msg: NodeMessage): Promise<NodeMessage> {
    const told = inbox('told');
    nodeOf('sim').receive(msg);
    return told.next();
  }

  // One database for all: making one takes longer than any of these tests.
  before(async () => {
    folder = temporaryFolder();
    await copyEmptyDatabase(join(folder, 'registry'));
    port = `${await freePort()}`;
    await load(flow(3, { fault: 'error', faulty: '1' }));
    await allOnline();
  });
  after(() => helper.unload());

  it('registers gateways, connects them, and they answer', async () => {
    expect(await (await manager()).registry.counts({ tag: 'virtual' })).to.include({ total: 3 });
    const ok = inbox('ok');
    nodeOf('command').receive({ clientid: ['virtual-0002', 'virtual-0003'] });
    const answers = [await ok.next(), await ok.next()];
    expect(answers.map((msg) => msg.topic)).to.have.members(['virtual-0002', 'virtual-0003']);
    expect(answers[0]?.payload).to.have.nested.property('data.serialNumber');
  });

  it('answers a filter, at most two at a time, and the summary of the real commands comes last', async () => {
    const summaries = inbox('summary');
    const ok = inbox('ok');
    const none = inbox('none');
    nodeOf('command').receive({
      clientid: ['nobody', 'virtual-0001', 'virtual-0002', 'virtual-0003'],
      atOnce: 2,
    });
    const { payload, tpe } = await summaries.next();
    expect(payload).to.deep.include({ total: 4, succeeded: 2, failed: 1, rejected: 1, inProgress: 0 });
    const { failures } = payload as { failures: { clientid: string; state: string; code: string | null }[] };
    expect(failures.map(({ clientid }) => clientid)).to.have.members(['nobody', 'virtual-0001']);
    expect(tpe).to.deep.equal({ sent: 4 });
    expect([...ok.all, ...none.all].map(({ clientid }) => clientid)).to.have.members([
      ...['nobody', 'virtual-0001', 'virtual-0002', 'virtual-0003'],
    ]);
    nodeOf('command').receive({ clientid: { tag: 'virtual' }, atOnce: 1 });
    expect((await summaries.next()).payload).to.include({ total: 3, succeeded: 2, failed: 1 });
  });

  it('lets gateways misbehave and go away, by its form and by message', async () => {
    const ok = inbox('ok');
    nodeOf('command').receive({ clientid: 'virtual-0001' });
    expect((await ok.next()).statusCode).to.equal(500);
    await tell({ action: 'faults', clientid: 'virtual-0001' });
    nodeOf('command').receive({ clientid: 'virtual-0001' });
    expect((await ok.next()).statusCode).to.equal(200);

    await tell({ action: 'faults', faults: { silent: true } });
    const none = inbox('none');
    nodeOf('command').receive({ clientid: 'virtual-0002', timeout: 1 });
    expect((await none.next()).payload).to.include({ state: 'TIMED_OUT' });

    const away = await tell({ action: 'disconnect', clientid: 'virtual-0002' });
    expect(away.payload).to.deep.equal([{ clientid: 'virtual-0002', connected: false, fault: null }]);
    expect(away.tpe).to.include({ total: 3, connected: 2 });
  });

  it('says what it does not understand', async () => {
    const caught = inbox('caught');
    const asks = [
      { action: 'dance' },
      {},
      { action: 'cut', clientid: 'real-1' },
      { action: 'faults', faults: { sulking: true } },
    ];
    const codes: unknown[] = [];
    for (const msg of asks) {
      nodeOf('sim').receive(msg);
      codes.push(((await caught.next()).error as { code: string }).code);
    }
    expect(codes).to.deep.equal(['INVALID_INPUT', 'INVALID_INPUT', 'NOT_FOUND', 'INVALID_INPUT']);
  });

  it('never touches a gateway of the same name that is not virtual', async () => {
    const { registry } = await manager();
    const mine = { clientid: 'virtual-0004', username: 'mine', password: 'correct horse battery' };
    await registry.register(mine);
    await helper.setFlows(flow(5), 'nodes');
    await allOnline();
    expect(await registry.authenticate(mine.clientid, mine.username, mine.password)).to.equal('accepted');
    expect((await tell({ action: 'status' })).tpe).to.deep.include({ total: 4, connected: 4 });
  });

  describe('beside another one', () => {
    const other = (more: object) => ({
      ...{ id: 'other', type: 'tpe-simulator', z: 'tab', x: 0, y: 0, server: 'server', wires: [['told']] },
      ...more,
    });
    const load = (more: object) => helper.setFlows([...flow(2), other(more)], 'nodes');

    it('leaves it the gateways that it has, and says so', async () => {
      await load({ count: '3' });
      await allOnline('other');
      expect(warningsOf(nodeOf('other')).join()).to.match(
        /^2 of these gateways \("virtual-0001"\) belong to another/,
      );
      const { registry } = await manager();
      for (const clientid of ['virtual-0001', 'virtual-0002']) {
        expect((await registry.get(clientid))?.warning, clientid).to.equal(null);
      }
    });

    it('has gateways of its own names, and sends telemetry where the server hears it', async () => {
      const heard = nextEvent(await manager(), 'output', ({ kind }) => kind === 'telemetry');
      await load({ count: '1', names: 'pump', telemetryEvery: '1' });
      await allOnline('other');
      expect(warningsOf(nodeOf('other'))).to.deep.equal([]);
      const output = (await heard) as TelemetryOutput;
      expect(output).to.include({ clientid: 'pump-0001', topic: '/tpedm/pump-0001/telemetry' });
      expect(output.payload).to.have.nested.property('tags.system.status.cpuUsage.values[0].value');
    });

    it('sends none where it would be heard by nobody, and says what to do', async () => {
      await load({ count: '1', names: 'pump', telemetryEvery: '1', telemetryTopic: '/elsewhere/{clientid}' });
      await allOnline('other');
      expect(warningsOf(nodeOf('other')).join()).to.match(
        /does not receive telemetry on "\/elsewhere\/\{clientid\}".*add it to/,
      );
    });

    it('says which of its fields is wrong', async () => {
      for (const [field, value, label] of [
        ['names', 'a/b', 'Names'],
        ['telemetryEvery', '0', 'Telemetry'],
        ['telemetryEvery', 'often', 'Telemetry'],
      ] as const) {
        await load({ count: '1', names: 'pump', [field]: value });
        const { text } = await shownStatus(nodeOf('other'), ({ fill }) => fill === 'red');
        expect(text, value).to.contain(`${label}: "${value}"`);
      }
    });
  });

  it('has its gateways back after a restart', async () => {
    await helper.unload();
    await load(flow(3));
    await allOnline();
    expect(await (await manager()).registry.counts({ tag: 'virtual' })).to.include({ total: 4 });
  });
});

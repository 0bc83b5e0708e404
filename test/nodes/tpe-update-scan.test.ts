import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { DeviceUpdate } from '../../nodes/manager/updates/scan/updates.js';
import tpeUpdateScan from '../../nodes/tpe-update-scan/tpe-update-scan.js';
import { type FakeManager, fakeManager, fakeScan } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf } from '../support/node-red-helper.js';

const UPDATE: DeviceUpdate = {
  clientid: 'gw',
  ...{ modelName: 'UC', firmwareVersion: '1.5', tpeVersion: '2.2.0-1', recommended: null },
  path: [],
  candidates: [],
  scannedAt: '2026-01-01T00:00:00.000Z',
};

describe('node tpe-update-scan', () => {
  let manager: FakeManager;
  let updates: Inbox;
  let progress: Inbox;
  let faults: Inbox;

  async function load(config: Record<string, unknown> = {}): Promise<void> {
    const at = { z: 'tab', x: 0, y: 0 };
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        ...{ id: 'node', ...at, type: 'tpe-update-scan', server: 'server', action: '', filter: '' },
        filterType: 'json',
        schedule: '',
        ...config,
        wires: [['out1'], ['out2']],
      },
      { id: 'out1', ...at, type: 'helper', wires: [] },
      { id: 'out2', ...at, type: 'helper', wires: [] },
      { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', ...at, type: 'helper', wires: [] },
    ];
    await helper.load([fakeServer(async () => manager), tpeUpdateScan], flow);
    [updates, progress, faults] = [inbox('out1'), inbox('out2'), inbox('caught')];
    await new Promise(setImmediate);
  }
  const give = (msg: NodeMessage) => nodeOf('node').receive(msg);
  const callsOf = (name: string) =>
    manager.calls.filter((call) => call.name === name).map(({ args }) => args);

  beforeEach(() => {
    manager = fakeManager();
  });
  afterEach(() => helper.unload());

  it('begins a scan, tells how far it is, and sends each gateway with an update', async () => {
    await load({ name: 'Nightly' });
    give({ _msgid: 'm1', payload: { tag: 'north' } });
    const begun = await progress.next();
    expect(callsOf('scan')).to.deep.equal([[{ tag: 'north' }, 'tpe-update-scan: Nightly']]);
    expect(begun).to.deep.include({ _msgid: 'm1', tpe: { kind: 'scan', id: '1', state: 'RUNNING' } });
    manager.events.emit('update', UPDATE);
    expect(await updates.next()).to.deep.include({ topic: 'gw', payload: UPDATE });
    const done = fakeScan({ state: 'DONE', done: 2, found: 1 });
    manager.events.emit('scan', done);
    expect((await progress.next()).payload).to.deep.equal(done);
  });

  it('leaves scans of others to those who began them', async () => {
    await load();
    manager.events.emit('update', UPDATE);
    manager.events.emit('scan', fakeScan({ id: '7' }));
    give({ action: 'progress' });
    expect((await progress.next()).payload).to.deep.include({ id: '1', state: 'DONE' });
  });

  it('stops a scan, and lists what was found by pages', async () => {
    await load();
    give({ action: 'stop', requestedBy: 'Ada' });
    await progress.next();
    expect(callsOf('stopScan')).to.deep.equal([['Ada']]);
    give({ action: 'results', payload: { limit: 10, available: false } });
    expect(await progress.next()).to.deep.include({
      payload: [],
      tpe: { next: null, query: { limit: 10, available: false } },
    });
  });

  it('says what is wrong with a message', async () => {
    await load();
    give({ payload: { colour: 'red' } });
    expect((await faults.next()).error).to.include({ code: 'INVALID_INPUT' });
    give({ action: 'dance' });
    expect(((await faults.next()).error as { message: string }).message).to.contain(
      'scan, stop, progress, results',
    );
  });

  it('scans by schedule', async () => {
    await load({ schedule: '* * * * * *', filter: '{"site": "North"}' });
    manager.events.emit('scan', fakeScan({}));
    for (;;) {
      const [first] = callsOf('scan');
      if (first !== undefined)
        return void expect(first).to.deep.equal([{ site: 'North' }, 'tpe-update-scan']);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  it('scans nothing by schedule when the field that says which stands for nothing, or for no filter', async () => {
    for (const config of [
      { filterType: 'msg', filter: 'which' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how Node-RED names a variable
      { filterType: 'json', filter: '${TPE_TEST_NOWHERE}' },
      { filterType: 'env', filter: 'TPE_TEST_NOWHERE' },
      { filterType: 'jsonata', filter: '$flowContext("nowhere")' },
    ]) {
      await load({ ...config, schedule: '* * * * * *' });
      const node = nodeOf('node');
      await new Promise<void>((resolve) => node.once('call:error' as 'close', () => resolve()));
      const { args } = (node as unknown as { error: { args: string[][] } }).error;
      expect(args.flat().join()).to.contain('could not start');
      expect(callsOf('scan')).to.deep.equal([]);
      await helper.unload();
    }
  });

  it('does nothing, and says why, with a schedule or a filter that cannot be read', async () => {
    for (const [config, text] of [
      [{ schedule: 'every night' }, 'use cron syntax'],
      [{ filterType: 'json', filter: '{"site":', schedule: '* * * * * *' }, 'is not valid JSON'],
      [{ filterType: 'json', filter: '[]', schedule: '* * * * * *' }, 'fewer than 1'],
    ] as const) {
      await load(config);
      const node = nodeOf('node') as unknown as { error: { args: unknown[][] } };
      expect(node.error.args.flat().join()).to.contain(text);
      const faults = inbox('caught');
      give({ action: 'progress' });
      const { error } = (await faults.next()) as { error?: { message: string; code?: string } };
      expect(error?.code).to.equal('INVALID_INPUT');
      expect(error?.message).to.contain(text);
      expect(callsOf('scan')).to.deep.equal([]);
      await helper.unload();
    }
  });
});

import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { Installation } from '../../nodes/manager/updates/install/installation.js';
import tpeUpdateInstall from '../../nodes/tpe-update-install/tpe-update-install.js';
import { type FakeManager, fakeInstallation, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';

const GIVEN = { category: 'mil', version: '1.6.0', yamlUrl: 'https://packages.example.com/a.yaml' };
const PACKAGE = { ...GIVEN, packageName: 'a.yaml', displayName: null, minFirmwareVersion: null, size: null };

describe('node tpe-update-install', () => {
  let manager: FakeManager;
  let good: Inbox;
  let bad: Inbox;
  let progress: Inbox;
  let faults: Inbox;

  async function load(config: Record<string, unknown> = {}): Promise<void> {
    const at = { z: 'tab', x: 0, y: 0 };
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        id: 'node',
        ...at,
        type: 'tpe-update-install',
        server: 'server',
        action: 'install',
        progress: 'own',
        ...config,
        wires: [['out1'], ['out2'], ['out3']],
      },
      { id: 'out1', ...at, type: 'helper', wires: [] },
      { id: 'out2', ...at, type: 'helper', wires: [] },
      { id: 'out3', ...at, type: 'helper', wires: [] },
      { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', ...at, type: 'helper', wires: [] },
    ];
    await helper.load([fakeServer(async () => manager), tpeUpdateInstall], flow);
    [good, bad, progress, faults] = [inbox('out1'), inbox('out2'), inbox('out3'), inbox('caught')];
    await new Promise(setImmediate);
  }

  const give = (msg: NodeMessage) => nodeOf('node').receive(msg);

  /** Gives the message; resolves with the installation that the node asked for. */
  async function begin(msg: NodeMessage): Promise<Installation> {
    give(msg);
    for (;;) {
      const [newest] = await manager.installations.list({});
      if (newest !== undefined) return newest;
      await new Promise(setImmediate);
    }
  }

  const tell = (installation: Installation, more: Partial<Installation>) =>
    manager.events.emit('installation', { ...installation, ...more });
  const ENDED = { endedAt: '2026-01-01T00:30:00.000Z', progress: 100 };
  const asked = () => manager.calls.find(({ name }) => name === 'install')?.args[0];

  async function fail(msg: NodeMessage): Promise<{ message: string; code?: string }> {
    give(msg);
    return (await faults.next()).error as { message: string; code?: string };
  }

  beforeEach(() => {
    manager = fakeManager();
  });
  afterEach(() => helper.unload());

  it('installs what the message says, and sends it on output 1 when that is done', async () => {
    await load({ name: 'Updates' });
    const installation = await begin({
      _msgid: 'm1',
      mine: 1,
      clientid: 'gw',
      packages: [GIVEN],
      snapshot: false,
      allowCellular: 'false',
      timeout: '90',
    });
    expect(asked()).to.deep.equal({
      clientid: 'gw',
      packages: [PACKAGE],
      snapshot: false,
      allowCellular: false,
      timeoutMs: 90_000,
      requestedBy: 'tpe-update-install: Updates',
    });
    tell(installation, { state: 'SUCCEEDED', ...ENDED });
    const msg = await good.next();
    expect(msg).to.include({ _msgid: 'm1', mine: 1, topic: 'gw' });
    expect(msg.payload).to.include({ id: '1', state: 'SUCCEEDED' });
    expect(msg.tpe).to.include({ id: '1', state: 'SUCCEEDED', progress: 100 });
    expect(msg.tpe).not.to.have.any.keys('packages', 'steps');
    expect(bad.all).to.be.empty;
  });

  it('takes what a scan found', async () => {
    await load();
    await begin({ _msgid: 'm', topic: 'gw-7', payload: { path: [GIVEN], recommended: GIVEN } });
    expect(asked()).to.deep.include({ clientid: 'gw-7', packages: [PACKAGE] });
    expect(asked()).to.include({ snapshot: undefined, timeoutMs: undefined });
  });

  it('sends what ended otherwise on output 2, and shows why', async () => {
    await load();
    const installation = await begin({ _msgid: 'm', clientid: 'gw', packages: GIVEN });
    tell(installation, { state: 'FAILED', reason: 'It was rolled back.', ...ENDED });
    expect((await bad.next()).payload).to.include({ state: 'FAILED', reason: 'It was rolled back.' });
    expect((await shownStatus(nodeOf('node'), ({ fill }) => fill === 'red')).text).to.contain('rolled back');
    expect(good.all).to.be.empty;
  });

  it('sends progress on output 3: of its own installations, or of all', async () => {
    await load();
    const own = await begin({ _msgid: 'm', clientid: 'gw', packages: GIVEN });
    await new Promise(setImmediate);
    tell(fakeInstallation({ clientid: 'other' }, { id: '99' }), { progress: 5 });
    tell(own, { state: 'IN_PROGRESS', step: 'download', progress: 17 });
    expect(await progress.next()).to.deep.include({ topic: 'gw' });
    expect((await shownStatus(nodeOf('node'), ({ fill }) => fill === 'blue')).fill).to.equal('blue');
    tell(own, { state: 'SUCCEEDED', ...ENDED });
    expect((await progress.next()).payload).to.include({ state: 'SUCCEEDED' });
    expect(progress.all).to.have.length(2);
    await helper.unload();
    await load({ progress: 'all' });
    tell(fakeInstallation({ clientid: 'other' }, { id: '99' }), { progress: 5 });
    expect(await progress.next()).to.deep.include({ topic: 'other' });
  });

  it('does not wait where it is told so', async () => {
    await load();
    give({ _msgid: 'm', clientid: 'gw', packages: GIVEN, wait: false });
    expect((await good.next()).payload).to.include({ id: '1', state: 'QUEUED' });
  });

  it('gets, lists and cancels', async () => {
    await load({ action: '' });
    give({ _msgid: 'm', clientid: 'gw', packages: GIVEN, wait: 'false' });
    await good.next();
    give({ _msgid: 'm', action: 'get', installation: 1 });
    expect((await good.next()).payload).to.include({ id: '1' });
    give({ _msgid: 'm', action: 'list', payload: { limit: 1 } });
    const page = await good.next();
    expect(page.payload).to.have.length(1);
    expect(page.tpe).to.deep.equal({ next: '1', query: { limit: 1 } });
    give({ _msgid: 'm', action: 'cancel', installation: '1', requestedBy: 'Bob' });
    expect((await good.next()).payload).to.include({ state: 'CANCELED' });
    expect(manager.calls.at(-1)).to.deep.equal({ name: 'cancelInstallation', args: ['1', 'Bob'] });
  });

  it('says what is wrong with a message', async () => {
    await load({ action: '' });
    const cases: [NodeMessage, string, RegExp][] = [
      [{ clientid: 'gw' }, 'INVALID_INPUT', /"packages" is missing/],
      [{ clientid: 'gw', packages: [] }, 'INVALID_INPUT', /packages/],
      [{ clientid: 'gw', packages: [{ ...GIVEN, category: 'x' }] }, 'INVALID_INPUT', /packages\.0\.category/],
      [{ packages: [GIVEN] }, 'INVALID_INPUT', /clientid/],
      [{ clientid: 'gw', packages: [GIVEN], snapshot: 'maybe' }, 'INVALID_INPUT', /snapshot/],
      [{ clientid: 'gw', packages: [GIVEN], timeout: -1 }, 'INVALID_INPUT', /timeout/],
      [{ action: 'get' }, 'INVALID_INPUT', /installation/],
      [{ action: 'get', installation: '7' }, 'NOT_FOUND', /7/],
      [{ action: 'cancel', installation: '7' }, 'NOT_FOUND', /7/],
      [{ action: 'list', payload: { limit: 'x' } }, 'INVALID_INPUT', /limit/],
      [{ action: 'dance' }, 'INVALID_INPUT', /action/],
    ].map(([msg, code, text]) => [{ _msgid: 'm', ...(msg as object) }, code as string, text as RegExp]);
    for (const [msg, code, text] of cases) {
      const error = await fail(msg);
      expect(error.code, JSON.stringify(msg)).to.equal(code);
      expect(error.message).to.match(text);
    }
  });
});

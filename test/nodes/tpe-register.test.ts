import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import tpeRegister from '../../nodes/tpe-register/tpe-register.js';
import { type FakeManager, fakeDevice, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf } from '../support/node-red-helper.js';

describe('node tpe-register', () => {
  let manager: FakeManager;
  let results: Inbox;
  let faults: Inbox;

  async function load(config: Record<string, unknown> = {}): Promise<void> {
    const defaults = {
      action: '',
      clientid: '',
      clientidType: 'str',
      data: 'payload',
      dataType: 'msg',
      format: '',
    };
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        id: 'node',
        z: 'tab',
        x: 0,
        y: 0,
        type: 'tpe-register',
        server: 'server',
        ...defaults,
        ...config,
        wires: [['out']],
      },
      { id: 'out', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
      { id: 'catcher', z: 'tab', x: 0, y: 0, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
    ];
    await helper.load([fakeServer(async () => manager), tpeRegister], flow);
    results = inbox('out');
    faults = inbox('caught');
  }

  function ask(msg: NodeMessage): Promise<NodeMessage> {
    nodeOf('node').receive(msg);
    return results.next();
  }

  async function fail(msg: NodeMessage): Promise<{ message: string; code?: string }> {
    nodeOf('node').receive(msg);
    return (await faults.next()).error as { message: string; code?: string };
  }

  beforeEach(() => {
    manager = fakeManager(['a', 'b', 'c'].map((clientid) => fakeDevice(clientid, { tags: ['x'] })));
  });
  afterEach(() => helper.unload());

  it('registers what the payload says, shows the credential, and keeps the rest of the message', async () => {
    await load({ action: 'register' });
    const payload = { clientid: 'new', site: 'North', redundancy: 'pumps' };
    const msg = await ask({ _msgid: 'm1', mine: 1, payload });
    expect(manager.calls).to.deep.equal([{ name: 'register', args: [payload] }]);
    expect(msg).to.include({ _msgid: 'm1', mine: 1, topic: 'new' });
    expect(msg.payload).to.have.nested.property('credential.password', 'made');
    expect(msg.tpe).to.deep.equal({ action: 'register' });
  });

  it('refuses a property it does not know, rather than overlook it', async () => {
    await load();
    const registering = await fail({ action: 'register', payload: { clientid: 'new', pasword: 'x' } });
    expect(registering.code).to.equal('INVALID_INPUT');
    expect(registering.message).to.contain('unknown property "pasword"');
    const listing = await fail({ action: 'list', payload: { serach: 'x' } });
    expect(listing.message).to.contain('unknown property "serach"');
    const pairing = await fail({ action: 'update', clientid: 'a', payload: { redundancy: 7 } });
    expect(pairing.message).to.match(/redundancy.*text|redundancy.*string/);
    expect(manager.calls).to.be.empty;
  });

  it('lets a fixed field win over the message, and reads the message where it is blank', async () => {
    await load({ action: 'get', clientid: 'b' });
    expect((await ask({ action: 'retire', clientid: 'c', payload: 'a' })).payload).to.include({
      clientid: 'b',
    });
    await helper.unload();
    await load({ action: 'get' });
    expect((await ask({ clientid: 'c', payload: 'a' })).payload).to.include({ clientid: 'c' });
    expect((await ask({ payload: 'a' })).payload).to.include({ clientid: 'a' });
    await helper.unload();
    await load({ action: 'get', clientid: '$lowercase(topic)', clientidType: 'jsonata' });
    expect((await ask({ topic: 'B', clientid: 'c' })).payload).to.include({ clientid: 'b' });
  });

  it('takes an environment variable that is not set for a blank field', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how Node-RED names a variable
    await load({ action: 'get', clientid: '${TPE_TEST_NOT_SET}' });
    expect((await ask({ clientid: 'c' })).payload).to.include({ clientid: 'c' });
  });

  it('tells Catch nodes the code and the reason, once', async () => {
    await load();
    expect(await fail({ action: 'get', clientid: 'nobody' })).to.include({ code: 'NOT_FOUND' });
    expect((await fail({ action: 'get' })).message).to.contain('"clientid" is missing');
    expect((await fail({ action: 'explode' })).message).to.contain('register, get, list');
    expect((await fail({})).message).to.contain('"action" is missing');
    expect(faults.all).to.have.length(4);
    expect(results.all).to.be.empty;
  });

  it('lists page by page when its own message comes back', async () => {
    await load({ action: 'list' });
    const first = await ask({ payload: { tag: 'x', limit: 2 } });
    expect((first.payload as { clientid: string }[]).map((device) => device.clientid)).to.deep.equal([
      'a',
      'b',
    ]);
    expect(first.tpe).to.include({ next: '2' });
    const second = await ask(first);
    expect((second.payload as { clientid: string }[]).map((device) => device.clientid)).to.deep.equal(['c']);
    expect(second.tpe).to.include({ next: null });
    expect(manager.calls.at(-1)?.args).to.deep.equal([{ tag: 'x', limit: 2, cursor: '2' }]);
  });

  it('lists everything for a message that asks nothing, and refuses one that asks for what it does not know', async () => {
    await load({ action: 'list' });
    expect((await ask({ topic: '' })).payload).to.have.length(3);
    expect((await ask({ topic: '', payload: {} })).payload).to.have.length(3);
    const refused = await fail({ topic: '', payload: Date.now() });
    expect(refused.code).to.equal('INVALID_INPUT');
    expect(refused.message).to.contain('"payload" is a number');
  });

  it('updates, rotates, retires and refreshes the one gateway', async () => {
    await load();
    await ask({
      action: 'update',
      clientid: 'a',
      payload: { site: 'South', redundancy: '', enabled: false },
    });
    await ask({ action: 'rotate', payload: { clientid: 'a', password: 'given' } });
    await ask({ action: 'rotate', clientid: 'a', payload: Date.now() });
    await ask({ action: 'retire', payload: 'b' });
    await ask({ action: 'refresh', clientid: 'c', payload: '' });
    expect(manager.calls).to.deep.equal([
      { name: 'update', args: ['a', { site: 'South', redundancy: '', enabled: false }] },
      { name: 'rotate', args: ['a', 'given'] },
      { name: 'rotate', args: ['a', undefined] },
      { name: 'managerRetire', args: ['b'] },
      { name: 'refreshProfile', args: ['c'] },
    ]);
  });

  it('imports text, a buffer or a list, each in its format, and exports', async () => {
    await load();
    await ask({ action: 'import', payload: 'clientid\nx\n' });
    await ask({ action: 'import', payload: Buffer.from('\uFEFF [{"clientid":"x"}]') });
    await ask({ action: 'import', payload: [{ clientid: 'x' }] });
    await ask({ action: 'import', payload: 'clientid\n', format: 'json' });
    // What is a file's is read by the one reader, bytes as they are.
    expect(manager.calls.map((call) => call.args)).to.deep.equal([
      ['clientid\nx\n', undefined, undefined],
      [Buffer.from('\uFEFF [{"clientid":"x"}]'), undefined, undefined],
      ['[{"clientid":"x"}]', 'json', undefined],
      ['clientid\n', 'json', undefined],
    ]);
    await ask({ action: 'import', payload: JSON.parse(JSON.stringify(Buffer.from('clientid\n'))) });
    expect(manager.calls.at(-1)?.args[0]).to.deep.equal(Buffer.from('clientid\n'));
    const dry = await ask({ action: 'import', payload: 'clientid\n', dryRun: 'true', encoding: 'shift_jis' });
    expect(manager.calls.at(-1)).to.deep.equal({
      name: 'previewImport',
      args: ['clientid\n', undefined, 'shift_jis'],
    });
    expect(dry.tpe).to.deep.equal({ action: 'import', dryRun: true });
    expect((await fail({ action: 'import', payload: 5 })).code).to.equal('INVALID_INPUT');
    expect((await ask({ action: 'export', payload: { tag: 'x' } })).payload).to.equal('clientid\n');
    expect((await ask({ action: 'export', payload: {}, format: 'json' })).payload).to.equal('[]');
    expect(manager.calls.at(-2)?.args).to.deep.equal([{ tag: 'x' }, 'csv']);
  });
});

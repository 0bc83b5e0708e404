import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Node } from 'node-red';
import uiTpeGateways from '../../nodes/dashboard/ui-tpe-gateways/ui-tpe-gateways.js';
import type { NodeMessage } from '../../nodes/dashboard/ui-tpe-gateways/wire.js';
import type { Presence } from '../../nodes/manager/presence/presence.js';
import type { Device } from '../../nodes/manager/registry/device.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import { type FakeManager, fakeDevice, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, inbox, type NodeModule, nodeOf, shownStatus } from '../support/node-red-helper.js';

interface Hooks {
  onChange(msg: object, value: unknown, socket: Browser): void;
  onSend(): void;
}

/** A dashboard's ui-group, of which only the registering of a widget matters here. */
const uiGroup: NodeModule = (RED) => {
  RED.nodes.registerType('ui-group', function (this: Node, config: object) {
    RED.nodes.createNode(this, config as never);
    Object.assign(this, {
      register: (_node: Node, _config: object, given: Hooks) => {
        hooks = given;
      },
    });
  });
};
let hooks: Hooks;

/** A browser with the dashboard open, as the node sees it: a socket. */
class Browser {
  readonly data = { account: { name: 'op', fullName: '', role: 'operator' } };
  readonly got: NodeMessage[] = [];
  connected = true;
  private readonly arrivals = new EventEmitter();
  private taken = 0;

  constructor(readonly id: string) {}

  emit(event: string, message: NodeMessage): void {
    expect(event).to.be.oneOf(['ui-tpe-gateways:node', 'tpedm:node']);
    this.got.push(message);
    this.arrivals.emit('message');
  }

  say(value: unknown): void {
    hooks.onChange({ _client: { socketId: this.id } }, value, this);
  }

  async next(): Promise<NodeMessage> {
    while (this.taken >= this.got.length) await once(this.arrivals, 'message');
    const message = this.got[this.taken]!;
    this.taken += 1;
    return message;
  }

  async page(request: object): Promise<NodeMessage & { type: 'page' }> {
    this.say({ type: 'page', limit: 2, ...request });
    const message = await this.next();
    expect(message.type).to.equal('page');
    return message as NodeMessage & { type: 'page' };
  }
}

const ids = (rows: { clientid: string }[]) => rows.map(({ clientid }) => clientid);

describe('node ui-tpe-gateways', () => {
  let manager: FakeManager;
  let devices: Device[];

  async function load(open: () => Promise<FakeManager> = async () => manager): Promise<void> {
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      { id: 'group', type: 'ui-group' },
      {
        id: 'node',
        z: 'tab',
        x: 0,
        y: 0,
        type: 'ui-tpe-gateways',
        server: 'server',
        group: 'group',
        wires: [['out']],
      },
      { id: 'out', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
    ];
    await helper.load([fakeServer(open), uiGroup, uiTpeGateways], flow);
  }

  it('says that the dashboard is too old where it does not hand over who asks, and goes on', async () => {
    manager = fakeManager([fakeDevice('a')]);
    await load();
    for (const value of [
      { type: 'page', reqId: 1, limit: 2 },
      { type: 'ask', number: 1, ask: 'people.me', input: {} },
    ]) {
      hooks.onChange({}, value, undefined as never);
    }
    const status = await shownStatus(nodeOf('node'), ({ text }) => String(text).endsWith('oldDashboard'));
    expect(status).to.include({ fill: 'red' });
    const logged = nodeOf('node') as unknown as { error: { args: string[][] } };
    expect(logged.error.args.flat().join()).to.contain('update @flowfuse/node-red-dashboard to 1.27.0');
  });

  function change(clientid: string, status: 'online' | 'offline'): void {
    const device = devices.find((each) => each.clientid === clientid)!;
    Object.assign(device, { status, reason: status });
    manager.events.emit('presence', {
      clientid,
      status,
      since: null,
      reason: status,
      source: null,
      presenceAsOf: null,
      warning: null,
    } satisfies Presence);
  }

  beforeEach(() => {
    devices = ['a', 'b', 'c'].map((clientid) => fakeDevice(clientid, { note: 'not for the browser' }));
    manager = fakeManager(devices);
  });
  afterEach(() => helper.unload());

  it('sends a page and the counts to the browser that asks, and to no other', async () => {
    await load();
    const [one, other] = [new Browser('1'), new Browser('2')];
    const page = await one.page({ reqId: 7 });
    expect(page).to.deep.include({
      reqId: 7,
      next: '2',
      counts: { total: 3, online: 0, offline: 0, never_seen: 3 },
    });
    expect(ids(page.rows)).to.deep.equal(['a', 'b']);
    expect(page.rows[0]).not.to.have.property('note');
    expect(ids((await one.page({ reqId: 8, cursor: '2' })).rows)).to.deep.equal(['c']);
    expect(other.got).to.deep.equal([]);
  });

  it('asks the registry for just what the browser wants', async () => {
    await load();
    const request = { search: "x' OR 1", status: 'online', sort: 'since', descending: true, limit: 25 };
    await new Browser('1').page({ reqId: 1, ...request });
    expect(manager.calls.find(({ name }) => name === 'list')?.args).to.deep.equal([request]);
    expect(manager.calls.find(({ name }) => name === 'counts')?.args).to.deep.equal([{ search: "x' OR 1" }]);
  });

  it('tells each browser of changes in the rows that it shows, and everyone the counts', async () => {
    await load();
    const [first, second] = [new Browser('1'), new Browser('2')];
    await first.page({ reqId: 1 });
    await second.page({ reqId: 5, cursor: '2' });
    change('a', 'online');
    const counts = { total: 3, online: 1, offline: 0, never_seen: 2 };
    const told = await first.next();
    expect(told).to.deep.include({ type: 'changes', reqId: 1, counts });
    expect(told).to.have.nested.property('rows[0].status', 'online');
    expect(await second.next()).to.deep.equal({ type: 'changes', reqId: 5, rows: [], counts });
  });

  it('gathers a storm of changes into at most four messages a second', async () => {
    await load();
    const browser = new Browser('1');
    await browser.page({ reqId: 1 });
    const begun = Date.now();
    while (Date.now() < begun + 1000) {
      for (let round = 0; round < 50; round += 1) change('a', round % 2 ? 'online' : 'offline');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(browser.got.length - 1).to.be.within(1, ((Date.now() - begun) * 4) / 1000);
    expect(await browser.next()).to.have.nested.property('rows[0].clientid', 'a');
  });

  it('reads the page again when other gateways may belong on it', async () => {
    await load();
    const [online, all] = [new Browser('1'), new Browser('2')];
    expect((await online.page({ reqId: 1, status: 'online' })).rows).to.deep.equal([]);
    await all.page({ reqId: 2 });
    change('c', 'online');
    expect(await online.next()).to.have.nested.property('rows[0].clientid', 'c');
    expect(await all.next()).to.include({ type: 'changes' });

    devices.unshift(fakeDevice('0'));
    manager.events.emit('device', { clientid: '0', change: 'registered', device: devices[0]! });
    expect(await all.next()).to.have.nested.property('rows[0].clientid', '0');
  });

  it('misses no change that happens while a page is read', async () => {
    await load();
    const list = manager.registry.list;
    let goOn = () => {};
    manager.registry.list = async (query) => {
      const old = structuredClone(await list(query));
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return old;
    };
    const browser = new Browser('1');
    browser.say({ type: 'page', reqId: 1, limit: 2 });
    await new Promise((resolve) => setImmediate(resolve));
    change('b', 'online');
    goOn();
    expect(await browser.next()).to.have.nested.property('rows[1].status', 'never_seen');
    expect(await browser.next()).to.have.nested.property('rows[0].status', 'online');
  });

  it('answers only the last of requests that overtake each other', async () => {
    await load();
    const browser = new Browser('1');
    for (let reqId = 1; reqId <= 50; reqId += 1) browser.say({ type: 'page', reqId, limit: 2 });
    expect(await browser.next()).to.include({ type: 'page', reqId: 50 });
    expect(manager.calls.filter(({ name }) => name === 'list').length).to.be.at.most(2);
  });

  it('forgets a browser that left or is gone', async () => {
    await load();
    const [left, gone, here] = [new Browser('1'), new Browser('2'), new Browser('3')];
    for (const browser of [left, gone, here]) await browser.page({ reqId: 1 });
    left.say({ type: 'leave' });
    gone.connected = false;
    change('a', 'online');
    await here.next();
    expect([left.got.length, gone.got.length]).to.deep.equal([1, 1]);
  });

  it('refuses garbage and goes on', async () => {
    await load();
    const browser = new Browser('1');
    const garbage: unknown[] = [
      undefined,
      null,
      'page',
      [],
      {},
      { type: 'drop table' },
      { type: 'page' },
      { type: 'page', reqId: 1, limit: 100_000 },
      { type: 'page', reqId: 1, limit: 2, sort: 'password' },
      { type: 'page', reqId: 1, limit: 2, clientids: [] },
      { type: 'page', reqId: 1, limit: 2, search: { $ne: 1 } },
      { type: 'page', reqId: 1, limit: 2, search: 'x'.repeat(1000) },
      { type: 'select', clientid: ['a'] },
      JSON.parse('{"__proto__": {"type": "page"}}'),
    ];
    for (const value of garbage) {
      browser.say(value);
      expect(await browser.next(), JSON.stringify(value)).to.include({ type: 'refused' });
    }
    expect(manager.calls).to.deep.equal([]);
    expect(ids((await browser.page({ reqId: 1 })).rows)).to.deep.equal(['a', 'b']);
  });

  it('says why there is no page, and shows it when there is one', async () => {
    let open = (_manager: FakeManager) => {};
    await load(() => new Promise((resolve) => (open = resolve)));
    const browser = new Browser('1');
    browser.say({ type: 'page', reqId: 1, limit: 2 });
    open(manager);
    expect(await browser.next()).to.include({ type: 'page', reqId: 1 });
    const { list } = manager.registry;
    manager.registry.list = async () => {
      throw new TpeError('UNAVAILABLE', 'The database cannot be reached.');
    };
    browser.say({ type: 'page', reqId: 2, limit: 2 });
    const messages = [await browser.next()];
    while (messages.at(-1)?.type === 'page') messages.push(await browser.next());
    expect(messages.at(-1)).to.deep.equal({
      type: 'refused',
      reqId: 2,
      message: 'The database cannot be reached.',
    });
    manager.registry.list = list;
  });

  it('sends the gateway that was clicked as the registry has it, not as the browser says', async () => {
    await load();
    const out = inbox('out');
    new Browser('1').say({ type: 'select', clientid: 'b' });
    expect(await out.next()).to.deep.include({ topic: 'b', payload: devices[1], _client: { socketId: '1' } });
    new Browser('1').say({ type: 'select', clientid: 'unknown' });
    hooks.onSend();
    new Browser('1').say({ type: 'select', clientid: 'a' });
    expect(await out.next()).to.include({ topic: 'a' });
  });

  it('listens no more when it is closed', async () => {
    await load();
    const browser = new Browser('1');
    await browser.page({ reqId: 1 });
    await helper.unload();
    expect(manager.events.listenerCount('presence')).to.equal(0);
    expect(manager.events.listenerCount('device')).to.equal(0);
  });

  it('says that it has no group', async () => {
    const flow = [{ id: 'node', type: 'ui-tpe-gateways', x: 0, y: 0, z: 'tab' }];
    await helper.load([uiTpeGateways], flow);
    expect(await shownStatus(nodeOf('node'), () => true)).to.include({ fill: 'red' });
  });
});

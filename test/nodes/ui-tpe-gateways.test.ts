import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Node } from 'node-red';
import type { AnswerOf } from '../../nodes/api/procedures/index.js';
import uiTpeGateways from '../../nodes/dashboard/ui-tpe-gateways/ui-tpe-gateways.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
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
  readonly got: WidgetMessage[] = [];
  connected = true;
  private readonly arrivals = new EventEmitter();
  private taken = 0;

  constructor(readonly id: string) {}

  emit(event: string, message: WidgetMessage): void {
    expect(event).to.equal('tpedm:node');
    this.got.push(message);
    this.arrivals.emit('message');
  }

  say(value: unknown): void {
    hooks.onChange({ _client: { socketId: this.id } }, value, this);
  }

  async next(): Promise<WidgetMessage> {
    while (this.taken >= this.got.length) await once(this.arrivals, 'message');
    const message = this.got[this.taken]!;
    this.taken += 1;
    return message;
  }

  follow(number: number, input: object = {}): void {
    this.say({ type: 'subscribe', number, procedure: 'gateways.page', input: { limit: 2, ...input } });
  }

  async page(number: number, input: object = {}): Promise<AnswerOf<'gateways.page'>> {
    this.follow(number, input);
    const message = await this.next();
    expect(message).to.include({ type: 'answer', number });
    return (message as { value: AnswerOf<'gateways.page'> }).value;
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
      { type: 'subscribe', number: 1, procedure: 'gateways.page', input: { limit: 2 } },
      { type: 'call', number: 1, procedure: 'people.me', input: {} },
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
      cause: null,
      source: null,
      presenceAsOf: null,
      warning: null,
      warningCause: null,
    } satisfies Presence);
  }

  const reading = new EventEmitter();
  const callsOf = (wanted: string) => manager.calls.filter(({ name }) => name === wanted).length;

  beforeEach(() => {
    devices = ['a', 'b', 'c'].map((clientid) => fakeDevice(clientid, { note: 'not for the browser' }));
    manager = fakeManager(devices);
  });
  afterEach(() => helper.unload());

  it('sends a page and the counts to the browser that asks, and to no other', async () => {
    await load();
    const [one, other] = [new Browser('1'), new Browser('2')];
    const page = await one.page(7);
    expect(page).to.deep.include({ next: '2', counts: { total: 3, online: 0, offline: 0, never_seen: 3 } });
    expect(ids(page.items)).to.deep.equal(['a', 'b']);
    expect(page.items[0]).not.to.have.property('note');
    expect(ids((await one.page(8, { cursor: '2' })).items)).to.deep.equal(['c']);
    expect(other.got).to.deep.equal([]);
  });

  it('asks the registry for just what the browser wants', async () => {
    await load();
    const request = { search: "x' OR 1", status: 'online', sort: 'since', descending: true, limit: 25 };
    await new Browser('1').page(1, request);
    expect(manager.calls.find(({ name }) => name === 'list')?.args).to.deep.equal([request]);
    expect(manager.calls.find(({ name }) => name === 'counts')?.args).to.deep.equal([{ search: "x' OR 1" }]);
  });

  it('tells each browser of changes in the rows that it shows, and everyone the counts', async () => {
    await load();
    const [first, second] = [new Browser('1'), new Browser('2')];
    await first.page(1);
    await second.page(5, { cursor: '2' });
    const reads = callsOf('list');
    change('a', 'online');
    const fields = { counts: { total: 3, online: 1, offline: 0, never_seen: 2 } };
    const told = (await first.next()) as WidgetMessage & { type: 'patch' };
    expect(told).to.deep.include({ type: 'patch', number: 1 });
    expect(told.patch).to.deep.include({ key: 'clientid', fields });
    expect(told.patch.items).to.have.length(1);
    expect(told).to.have.nested.property('patch.items[0].status', 'online');
    expect(await second.next()).to.deep.equal({
      type: 'patch',
      number: 5,
      patch: { key: 'clientid', items: [], fields },
    });
    // The rows of all are read at once, and the counts of all who want the same.
    expect([callsOf('list'), callsOf('each'), callsOf('counts')]).to.deep.equal([reads, 1, 3]);
  });

  it('tells nobody of what changed nothing', async () => {
    await load();
    const browser = new Browser('1');
    await browser.page(1);
    change('a', 'online');
    await browser.next();
    const counted = callsOf('counts');
    change('a', 'online');
    while (callsOf('counts') === counted) await new Promise((resolve) => setTimeout(resolve, 20));
    change('b', 'online');
    expect(await browser.next()).to.have.nested.property('patch.items[0].clientid', 'b');
  });

  it('gathers a storm of changes into at most four messages a second', async () => {
    await load();
    const browser = new Browser('1');
    await browser.page(1);
    const begun = Date.now();
    while (Date.now() < begun + 1000) {
      for (let round = 0; round < 51; round += 1) change('a', round % 2 ? 'online' : 'offline');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(browser.got.length - 1).to.be.within(1, ((Date.now() - begun) * 4) / 1000);
    expect(await browser.next()).to.have.nested.property('patch.items[0].clientid', 'a');
  });

  it('reads the page again when other gateways may belong on it', async () => {
    await load();
    const [online, all] = [new Browser('1'), new Browser('2')];
    expect((await online.page(1, { status: 'online' })).items).to.deep.equal([]);
    await all.page(2);
    change('c', 'online');
    expect(await online.next()).to.have.nested.property('value.items[0].clientid', 'c');
    expect(await all.next()).to.include({ type: 'patch' });

    devices.unshift(fakeDevice('0'));
    manager.events.emit('device', { clientid: '0', change: 'registered', device: devices[0]! });
    expect(await all.next()).to.have.nested.property('value.items[0].clientid', '0');
  });

  it('misses no change that happens while a page is read', async () => {
    await load();
    const list = manager.registry.list;
    let goOn = () => {};
    manager.registry.list = async (query) => {
      const old = structuredClone(await list(query));
      await new Promise<void>((resolve) => {
        goOn = resolve;
        reading.emit('page');
      });
      return old;
    };
    const browser = new Browser('1');
    const isRead = once(reading, 'page');
    browser.follow(1);
    await isRead;
    change('b', 'online');
    goOn();
    expect(await browser.next()).to.have.nested.property('value.items[1].status', 'never_seen');
    expect(await browser.next()).to.have.nested.property('patch.items[0].status', 'online');
  });

  it('reads a page again that was still being read when changes were told', async () => {
    await load();
    const list = manager.registry.list;
    let goOn = () => {};
    manager.registry.list = async (query) => {
      const old = structuredClone(await list(query));
      if (query?.cursor === undefined) return old;
      await new Promise<void>((resolve) => {
        goOn = resolve;
        reading.emit('page');
      });
      return old;
    };
    const [first, slow] = [new Browser('1'), new Browser('2')];
    await first.page(1);
    const isRead = once(reading, 'page');
    slow.follow(2, { cursor: '1' });
    await isRead;
    change('b', 'online');
    // Others have been told by then.
    await first.next();
    manager.registry.list = list;
    goOn();
    expect(await slow.next()).to.have.nested.property('value.items[0].status', 'never_seen');
    expect(await slow.next()).to.have.nested.property('value.items[0].status', 'online');
  });

  it('reads only the last of pages that overtake each other', async () => {
    await load();
    const browser = new Browser('1');
    for (let number = 1; number <= 50; number += 1) {
      browser.say({ type: 'unsubscribe', number: number - 1 });
      browser.follow(number);
    }
    expect(await browser.next()).to.include({ type: 'answer', number: 50 });
    expect(callsOf('list')).to.be.at.most(2);
  });

  it('forgets a browser that left or is gone', async () => {
    await load();
    const [left, gone, here] = [new Browser('1'), new Browser('2'), new Browser('3')];
    for (const browser of [left, gone, here]) await browser.page(1);
    left.say({ type: 'unsubscribe', number: 1 });
    gone.connected = false;
    change('a', 'online');
    await here.next();
    expect([left.got.length, gone.got.length]).to.deep.equal([1, 1]);
  });

  it('refuses garbage and goes on', async () => {
    await load();
    const browser = new Browser('1');
    const garbage: object[] = [
      { limit: undefined },
      { limit: 100_000 },
      { sort: 'password' },
      { clientids: [] },
      { search: { $ne: 1 } },
      { search: 'x'.repeat(1000) },
      JSON.parse('{"__proto__": {"limit": 2}, "limit": "2"}'),
    ];
    for (const input of garbage) {
      browser.follow(1, input);
      expect(await browser.next(), JSON.stringify(input)).to.include({ code: 'INVALID_INPUT' });
    }
    expect(manager.calls).to.deep.equal([]);
    expect(ids((await browser.page(1)).items)).to.deep.equal(['a', 'b']);
  });

  it('says why there is no page, and shows it when there is one', async () => {
    let open = (_manager: FakeManager) => {};
    await load(() => new Promise((resolve) => (open = resolve)));
    const browser = new Browser('1');
    browser.follow(1);
    open(manager);
    expect(await browser.next()).to.include({ type: 'answer', number: 1 });
    const { list } = manager.registry;
    manager.registry.list = async () => {
      throw new TpeError('UNAVAILABLE', 'The database cannot be reached.');
    };
    browser.follow(2);
    const nextOfSecond = async () => {
      for (;;) {
        const message = await browser.next();
        if (message.number === 2) return message;
      }
    };
    expect(await nextOfSecond()).to.deep.equal({
      type: 'refused',
      number: 2,
      code: 'UNAVAILABLE',
      message: 'The database cannot be reached.',
      cause: null,
    });
    manager.registry.list = list;
    change('a', 'online');
    expect(await nextOfSecond()).to.include({ type: 'answer' });
  });

  it('sends the gateway that was clicked as the registry has it, not as the browser says', async () => {
    await load();
    const out = inbox('out');
    const tell = (topic: unknown, browser = new Browser('1')) =>
      browser.say({ type: 'emit', message: { topic, payload: 'made up' } });
    tell('b');
    expect(await out.next()).to.deep.include({ topic: 'b', payload: devices[1], _client: { socketId: '1' } });
    const viewer = new Browser('2');
    Object.assign(viewer.data.account, { role: 'viewer' });
    tell('c', viewer);
    tell('unknown');
    tell(['a']);
    hooks.onSend();
    tell('a');
    expect(await out.next()).to.include({ topic: 'a' });
  });

  it('listens no more when it is closed', async () => {
    await load();
    const browser = new Browser('1');
    await browser.page(1);
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

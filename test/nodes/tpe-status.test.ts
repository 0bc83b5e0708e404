import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { Presence } from '../../nodes/manager/presence/presence.js';
import tpeStatus from '../../nodes/tpe-status/tpe-status.js';
import { type FakeManager, fakeDevice, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus, statusesOf } from '../support/node-red-helper.js';

const ONLINE: Omit<Presence, 'clientid'> = {
  status: 'online',
  since: '2026-01-01T00:00:00.000Z',
  reason: 'connected from 10.1.2.3',
  cause: { code: 'connected-from', params: { address: '10.1.2.3' } },
  source: 'embedded broker',
  presenceAsOf: null,
  warning: null,
  warningCause: null,
};
const NEVER_SEEN = {
  status: 'never_seen',
  since: null,
  reason: null,
  cause: null,
  source: null,
  presenceAsOf: null,
  warning: null,
  warningCause: null,
};

describe('node tpe-status', () => {
  let manager: FakeManager;
  let out: Inbox;
  let faults: Inbox;

  async function load(config: Record<string, unknown> = {}): Promise<void> {
    const defaults = { changes: 'changes', filter: '', action: '' };
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        id: 'node',
        z: 'tab',
        x: 0,
        y: 0,
        type: 'tpe-status',
        server: 'server',
        ...defaults,
        ...config,
        wires: [['out']],
      },
      { id: 'out', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
      { id: 'catcher', z: 'tab', x: 0, y: 0, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
    ];
    await helper.load([fakeServer(async () => manager), tpeStatus], flow);
    out = inbox('out');
    faults = inbox('caught');
    await shownStatus(nodeOf('node'), (status) => status.fill === 'green');
  }

  function ask(msg: NodeMessage): Promise<NodeMessage> {
    nodeOf('node').receive(msg);
    return out.next();
  }

  beforeEach(() => {
    manager = fakeManager([fakeDevice('a', ONLINE), fakeDevice('b'), fakeDevice('c')]);
  });
  afterEach(() => helper.unload());

  it('sends each change of the gateways that fit its pattern', async () => {
    await load({ filter: 'north-*' });
    manager.events.emit('presence', { clientid: 'south-1', ...ONLINE });
    manager.events.emit('presence', { clientid: 'north-1', ...ONLINE });
    const msg = await out.next();
    expect(msg).to.deep.include({ topic: 'north-1', payload: { clientid: 'north-1', ...ONLINE } });
    expect(out.all).to.have.length(1);
  });

  it('sends no change when it is there for answers only', async () => {
    await load({ changes: 'none' });
    expect(manager.events.listenerCount('presence')).to.equal(0);
  });

  it('sends the present state first when told to, and never an older one behind a change', async () => {
    const each = manager.registry.each;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    manager.registry.each = async function* (filter) {
      await held;
      yield* each(filter);
    };
    await load({ changes: 'start' });
    manager.events.emit('presence', { clientid: 'b', ...ONLINE });
    goOn();
    const msgs = [await out.next(), await out.next(), await out.next()];
    expect(msgs.map((msg) => [msg.topic, (msg.payload as Presence).status])).to.deep.equal([
      ['b', 'online'],
      ['a', 'online'],
      ['c', 'never_seen'],
    ]);
    expect(out.all).to.have.length(3);
  });

  it('answers for one gateway, named in any of the documented ways', async () => {
    await load();
    const expected = { clientid: 'b', ...NEVER_SEEN };
    for (const msg of [
      { payload: 'b' },
      { clientid: 'b', payload: 'a' },
      { topic: 'b' },
      { topic: 'b', payload: 5 },
    ]) {
      const answer = await ask({ ...msg, mine: 1 });
      expect(answer).to.deep.include({ topic: 'b', payload: expected, mine: 1 });
    }
  });

  it('answers for several in the order asked for, and names those it does not know', async () => {
    await load();
    const msg = await ask({ payload: ['c', 'x', 'a'] });
    expect((msg.payload as Presence[]).map((presence) => presence.clientid)).to.deep.equal(['c', 'a']);
    expect(msg.tpe).to.deep.equal({ action: 'status', unknown: ['x'] });
  });

  it('answers for all, or for a query, a page at a time', async () => {
    await load();
    expect((await ask({ topic: '' })).payload).to.have.length(3);
    expect((await ask({ payload: {}, topic: '' })).payload).to.have.length(3);
    const first = await ask({ payload: { limit: 2 } });
    expect(first.payload).to.deep.equal([
      { clientid: 'a', ...ONLINE },
      { clientid: 'b', ...NEVER_SEEN },
    ]);
    const second = await ask(first);
    expect(second.payload).to.deep.equal([{ clientid: 'c', ...NEVER_SEEN }]);
    expect(second.tpe).to.include({ next: null });
  });

  it('answers with counts and with the connection at the broker', async () => {
    await load();
    expect((await ask({ action: 'counts' })).payload).to.deep.equal({
      total: 3,
      online: 1,
      offline: 0,
      never_seen: 2,
    });
    manager.broker.getClient = async () => ({ clientid: 'a', connected: true }) as never;
    expect(await ask({ action: 'connection', clientid: 'a' })).to.deep.include({
      topic: 'a',
      payload: { clientid: 'a', connected: true },
    });
  });

  it('tells Catch nodes what it cannot answer', async () => {
    await load();
    const asks = [
      { payload: 'nobody' },
      { action: 'connection', payload: 'a' },
      { action: 'connection' },
      { payload: { x: 1 } },
    ];
    const codes: unknown[] = [];
    for (const msg of asks) {
      nodeOf('node').receive(msg);
      codes.push(((await faults.next()).error as { code: string }).code);
    }
    expect(codes).to.deep.equal(['NOT_FOUND', 'NOT_FOUND', 'INVALID_INPUT', 'INVALID_INPUT']);
    expect(out.all).to.be.empty;
  });

  it('says how many gateways a comparison with the broker corrected, until one finds none', async () => {
    await load();
    const corrected = (count: number, unconfirmed: string | null = null) =>
      manager.events.emit('health', {
        ...manager.health(),
        presence: {
          checkedAt: '2026-01-01T00:00:00.000Z',
          listed: 3,
          corrected: count,
          correctedInAll: 2,
          unconfirmed,
          unconfirmedCause: null,
        },
      });
    corrected(2);
    await shownStatus(nodeOf('node'), (status) => status.text === 'tpe-status.status.corrected');
    corrected(2, "not confirmed: the broker's node emqx@b cannot be reached");
    await shownStatus(nodeOf('node'), (status) => status.text === 'tpe-status.status.unconfirmed');
    corrected(0);
    await shownStatus(nodeOf('node'), () => statusesOf(nodeOf('node')).at(-1)?.fill === 'green');
  });

  it('tells how database, broker and presence are', async () => {
    await load();
    expect((await ask({ action: 'health' } as NodeMessage)).payload).to.deep.equal(manager.health());
  });
});

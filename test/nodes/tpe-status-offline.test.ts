import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { DeviceManager, ManagerHealth } from '../../nodes/manager/device-manager.js';
import type { Presence } from '../../nodes/manager/presence/presence.js';
import type { Device } from '../../nodes/manager/registry/device.js';
import tpeStatus from '../../nodes/tpe-status/tpe-status.js';
import { opener } from '../support/databases.js';
import { fakeDevice, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { connectGateway, type TestGateway } from '../support/gateway.js';
import { onlineGateway, openTestManager, presenceOf, type TestManager } from '../support/manager.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';

/** The flow: the node, what it sends and what it fails with. */
function flowOf(config: object): object[] {
  const at = { z: 'tab', x: 0, y: 0 };
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'server', type: 'tpe-server' },
    {
      ...{ id: 'node', ...at, type: 'tpe-status', server: 'server', changes: 'offline', filter: '' },
      ...{ action: '', offlineFor: '1', offlineForType: 'num', ...config, wires: [['out']] },
    },
    { id: 'out', ...at, type: 'helper', wires: [] },
    { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
    { id: 'caught', ...at, type: 'helper', wires: [] },
  ];
}

async function load(manager: DeviceManager, config: object = {}): Promise<Inbox> {
  const lasting = { ...manager, close: async () => undefined };
  await helper.load([fakeServer(async () => lasting), tpeStatus], flowOf(config));
  const out = inbox('out');
  await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
  return out;
}

const told = ({ topic, payload }: NodeMessage) => [topic, (payload as Presence).status];

describe('node tpe-status: gateways that are offline for a time, with a real broker', () => {
  const open = opener('pglite');
  let test: TestManager;
  let count = 0;
  const gateways: TestGateway[] = [];

  before(async () => {
    test = await openTestManager(await open.options());
  });
  afterEach(async () => {
    await helper.unload();
    for (const gateway of gateways.splice(0)) gateway.cut();
  });
  after(() => test.manager.close());

  const connected = async (name: string): Promise<TestGateway> => {
    count += 1;
    const gateway = await onlineGateway(test, `${name}-${count}`);
    gateways.push(gateway);
    return gateway;
  };
  const gone = async (gateway: TestGateway) => {
    const offline = presenceOf(test.manager, gateway.clientid, 'offline');
    gateway.cut();
    await offline;
  };
  const back = async ({ clientid }: TestGateway) => {
    const credential = await test.manager.registry.rotate(clientid);
    const online = presenceOf(test.manager, clientid, 'online');
    gateways.push(await connectGateway({ ...credential, port: test.port }));
    await online;
  };

  it('tells of one that stays away, once it is back of that too, and of none that is back earlier', async () => {
    const [short, long] = [await connected('first'), await connected('first')];
    const out = await load(test.manager, { filter: 'first-*', offlineFor: '2' });
    await gone(short);
    await back(short);
    const goneAt = Date.now();
    await gone(long);
    expect(told(await out.next())).to.deep.equal([long.clientid, 'offline']);
    expect(Date.now() - goneAt).to.be.at.least(2000);
    await back(long);
    expect(told(await out.next())).to.deep.equal([long.clientid, 'online']);
    expect(out.all).to.have.length(2);
  });

  it('tells of one that is disturbed on purpose when that has ended, if it is still away', async () => {
    const [planned, other] = [await connected('second'), await connected('second')];
    const owner = { kind: 'flow', id: 'work' } as const;
    const out = await load(test.manager, { filter: 'second-*' });
    expect(await test.manager.guard.take({ clientid: planned.clientid, owner })).to.equal(null);
    await gone(planned);
    await gone(other);
    expect(told(await out.next())).to.deep.equal([other.clientid, 'offline']);
    expect(out.all).to.have.length(1);
    await test.manager.guard.ended(owner, 'never-sent');
    expect(told(await out.next())).to.deep.equal([planned.clientid, 'offline']);
  });

  it('neither repeats anything after a deploy nor forgets that a gateway is back', async () => {
    const [first, second] = [await connected('third'), await connected('third')];
    const out = await load(test.manager, { filter: 'third-*' });
    await gone(first);
    expect(told(await out.next())).to.deep.equal([first.clientid, 'offline']);
    await helper.setFlows(flowOf({ filter: 'third-*', x: 10 }), 'nodes');
    const later = inbox('out');
    await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
    await gone(second);
    expect(told(await later.next())).to.deep.equal([second.clientid, 'offline']);
    await back(first);
    expect(told(await later.next())).to.deep.equal([first.clientid, 'online']);
    expect(later.all).to.have.length(2);
  });

  it('tells of one that went before it began', async () => {
    const gateway = await connected('fourth');
    await gone(gateway);
    const out = await load(test.manager, { filter: 'fourth-*' });
    expect(told(await out.next())).to.deep.equal([gateway.clientid, 'offline']);
  });

  it('tells of one that was disabled only when it is enabled again and stays away', async () => {
    const [disabled, other] = [await connected('fifth'), await connected('fifth')];
    const out = await load(test.manager, { filter: 'fifth-*' });
    await test.manager.registry.update(disabled.clientid, { enabled: false });
    await gone(disabled);
    await gone(other);
    expect(told(await out.next())).to.deep.equal([other.clientid, 'offline']);
    await test.manager.registry.update(disabled.clientid, { enabled: true });
    expect(told(await out.next())).to.deep.equal([disabled.clientid, 'offline']);
  });

  it('answers who has been away for longer than the message says', async () => {
    const [first, second] = [await connected('sixth'), await connected('sixth')];
    await gone(first);
    await gone(second);
    const out = await load(test.manager, { changes: 'none', offlineFor: '' });
    const ask = (msg: object) => {
      nodeOf('node').receive({ action: 'offline', payload: { search: 'sixth-' }, ...msg } as never);
      return out.next();
    };
    expect((await ask({})).payload).to.deep.equal([]);
    let found: Presence[] = [];
    while (found.length < 2) found = (await ask({ offlineFor: 1 })).payload as Presence[];
    expect(found.map(({ clientid }) => clientid)).to.deep.equal([first.clientid, second.clientid]);
  });
});

describe('node tpe-status: what it does not know of gateways that are offline', () => {
  afterEach(() => helper.unload());

  const AWAY: Partial<Device> = { status: 'offline', since: '2026-01-01T00:00:00.000Z' };
  type Change = { [Part in keyof ManagerHealth]?: Partial<ManagerHealth[Part]> };

  function withHealth() {
    const manager = fakeManager([fakeDevice('a', AWAY)]);
    let health = manager.health();
    manager.health = () => health;
    const is = (change: Change) => {
      health = {
        ...health,
        ...change,
        ...(change.presence && { presence: { ...health.presence, ...change.presence } }),
        ...(change.broker && { broker: { ...health.broker, ...change.broker } }),
      } as ManagerHealth;
      manager.events.emit('health', health);
    };
    return { manager, is };
  }

  const now = () => new Date().toISOString();
  const doubts: Record<string, Change> = {
    'the broker is away': { broker: { connected: false } },
    'presence is that of an earlier time': { presenceAsOf: '2026-01-01T00:00:00.000Z' as never },
    'the list of the broker is not trusted': { presence: { unconfirmed: 'a node is away' } },
    'nothing was compared with the broker': {},
  };
  const good: Change = {
    broker: { connected: true },
    presenceAsOf: null as never,
    presence: { unconfirmed: null },
  };
  for (const [words, doubt] of Object.entries(doubts)) {
    it(`tells nothing while ${words}, and then what is left`, async () => {
      const { manager, is } = withHealth();
      is(doubt);
      const lasting = { ...manager, close: async () => undefined };
      await helper.load([fakeServer(async () => lasting), tpeStatus], flowOf({}));
      const out = inbox('out');
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(out.all).to.deep.equal([]);
      is({ ...good, presence: { unconfirmed: null, checkedAt: now() } });
      expect(told(await out.next())).to.deep.equal(['a', 'offline']);
    });
  }

  it('says by a Catch node what is wrong with the time that an expression gives', async () => {
    const { manager, is } = withHealth();
    is({ presence: { checkedAt: now() } });
    await helper.load(
      [fakeServer(async () => manager), tpeStatus],
      flowOf({ offlineFor: '0', offlineForType: 'jsonata' }),
    );
    const faults = inbox('caught');
    expect((await faults.next()).error).to.deep.include({ code: 'INVALID_INPUT' });
  });
});

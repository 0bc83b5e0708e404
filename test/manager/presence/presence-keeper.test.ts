import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Broker, BrokerClient } from '../../../nodes/manager/broker/broker.js';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { Presence } from '../../../nodes/manager/presence/presence.js';
import {
  createPresenceKeeper,
  type PresenceKeeper,
} from '../../../nodes/manager/presence/presence-keeper.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { connected, disconnected } from '../../support/client-events.js';
import { opener } from '../../support/databases.js';

const HOUR_AGO = Date.now() - 3_600_000;

describe('presence: what the broker is asked for', () => {
  const open = opener('pglite');
  let database: Database;
  let registry: Registry;
  let keeper: PresenceKeeper;
  /** Client ids that the broker has. */
  let clients: Set<string>;
  let isAway: boolean;
  let faults: string[];
  /** What the list waits for. */
  let listing: Promise<void>;
  const told = new EventEmitter<{ change: [Presence]; checked: []; asked: [string]; listed: [] }>();
  told.setMaxListeners(0);

  const clientOf = (clientid: string): BrokerClient => ({
    clientid,
    username: null,
    connected: true,
    connectedAt: HOUR_AGO,
    ipAddress: null,
    port: null,
    protocolVersion: 4,
    keepalive: 60,
    cleanStart: true,
    node: null,
  });

  const broker = {
    kind: 'emqx',
    knowsPresence: true,
    async listClients() {
      told.emit('listed');
      await listing;
      if (isAway) throw new TpeError('UNAVAILABLE', 'EMQX is away.');
      return { clients: [...clients].map(clientOf), next: null };
    },
    listNodes: async () => [],
    onNodes: () => undefined,
    onGap: () => undefined,
    canBeAsked: () => true,
    listLagMs: () => 1000,
    async getClient(clientid: string) {
      if (isAway) throw new TpeError('UNAVAILABLE', 'EMQX is away.');
      // Behind this, so that who waits for it sees what comes of it.
      setTimeout(() => told.emit('asked', clientid), 100);
      return clients.has(clientid) ? clientOf(clientid) : null;
    },
  } as Partial<Broker> as Broker;

  beforeEach(async () => {
    database = await open();
    registry = createRegistry(database);
    clients = new Set();
    isAway = false;
    listing = Promise.resolve();
    faults = [];
    keeper = createPresenceKeeper({
      database,
      broker,
      schedule: createSchedule(database, 'test'),
      each: registry.each,
      ask: () => Promise.reject(new Error('nobody is probed here')),
      onChange: (presence) => told.emit('change', presence),
      onChecked: () => told.emit('checked'),
      onFault: (text) => void faults.push(text),
      onWritten: () => undefined,
    });
  });
  afterEach(async () => {
    await keeper.close();
    await database.close();
  });

  async function online(clientid: string): Promise<void> {
    await registry.register({ clientid });
    clients.add(clientid);
    await keeper.apply(connected(clientid, HOUR_AGO));
  }

  const unnamedEnd = (clientid: string) =>
    disconnected(clientid, null, HOUR_AGO + 60_000, { reason: 'keepalive_timeout' });
  const statusOf = async (clientid: string) => (await registry.get(clientid))?.status;

  it('believes a disconnect without a session when the broker does not know the client any more', async () => {
    await online('gw');
    clients.delete('gw');
    await keeper.apply(unnamedEnd('gw'));
    expect(await statusOf('gw'), 'not on its own').to.equal('online');
    const [change] = await once(told, 'change');
    expect(change).to.include({ clientid: 'gw', status: 'offline', reason: 'keepalive timeout' });
    expect(keeper.health().correctedInAll).to.equal(1);
  });

  it('does not when the client is connected', async () => {
    await online('gw');
    await keeper.apply(unnamedEnd('gw'));
    await once(told, 'asked');
    expect(await statusOf('gw')).to.equal('online');
    const [row] = await database.query('select suspect_at from tpe_presence');
    expect(row).to.deep.equal({ suspect_at: null });
  });

  it('compares once where many are in doubt', async () => {
    const clientids = Array.from({ length: 250 }, (_, index) => `gw-${index}`);
    for (const clientid of clientids) await online(clientid);
    clients.clear();
    let listed = 0;
    told.on('listed', () => {
      listed += 1;
    });
    await Promise.all(clientids.map((clientid) => keeper.apply(unnamedEnd(clientid))));
    await once(told, 'checked');
    // And once more for those that were missing.
    expect(listed).to.equal(2);
    expect((await registry.counts()).offline).to.equal(250);
    expect(keeper.health()).to.include({ listed: 0, corrected: 250 });
  });

  it('compares again where something happened while it compared', async () => {
    let go: () => void = () => undefined;
    listing = new Promise((resolve) => {
      go = resolve;
    });
    const isListed = once(told, 'listed');
    keeper.checkSoon();
    await isListed;
    keeper.checkSoon();
    keeper.checkSoon();
    const isChecked = once(told, 'checked');
    go();
    await isChecked;
    await once(told, 'checked');
    expect(faults).to.deep.equal([]);
  });

  it('says that it could not be asked, and finds out with the next comparison', async () => {
    await online('gw');
    clients.delete('gw');
    await keeper.apply(unnamedEnd('gw'));
    isAway = true;
    await new Promise<void>((resolve) => {
      const look = () => (faults.length > 0 ? resolve() : setTimeout(look, 50));
      look();
    });
    expect(faults[0]).to.equal('The status of "gw" could not be checked: EMQX is away.');
    isAway = false;
    keeper.checkSoon();
    const [change] = await once(told, 'change');
    expect(change).to.include({ clientid: 'gw', status: 'offline', reason: 'keepalive timeout' });
  });
});

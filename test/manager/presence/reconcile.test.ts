import { expect } from 'chai';
import type { Broker, BrokerClient } from '../../../nodes/manager/broker/broker.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { markHeard, markSilent } from '../../../nodes/manager/presence/heard.js';
import { reconcile } from '../../../nodes/manager/presence/reconcile.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { eachDatabase } from '../../support/databases.js';

const HOUR_AGO = Date.now() - 3_600_000;

/** A broker that lists these clients, two a page. */
function listing(clients: Partial<BrokerClient>[]): Broker {
  const listClients: Broker['listClients'] = async (_limit, cursor) => {
    const begin = Number(cursor ?? 0);
    const page = clients.slice(begin, begin + 2) as BrokerClient[];
    return { clients: page, next: begin + 2 < clients.length ? String(begin + 2) : null };
  };
  return { listClients } as Broker;
}

function client(clientid: string, connectedAt: number | null, connected = true): Partial<BrokerClient> {
  return { clientid, connectedAt, connected, ipAddress: '10.0.0.7' };
}

eachDatabase("presence: against the broker's own list", (open) => {
  let database: Database;
  let registry: Registry;

  beforeEach(async () => {
    database = await open();
    registry = createRegistry(database);
    for (const clientid of ['a', 'b', 'c', 'd']) await registry.register({ clientid });
  });
  afterEach(() => database.close());

  async function online(clientid: string, connectedAt: number): Promise<void> {
    await applyPresenceEvents(database, [
      {
        type: 'connected',
        clientid,
        connectedAt,
        username: null,
        ipAddress: null,
        protocolVersion: 4,
        keepalive: 60,
        cleanStart: true,
        node: null,
        source: 'webhook',
      },
    ]);
  }

  const statuses = async () =>
    Object.fromEntries((await registry.list({})).devices.map((device) => [device.clientid, device.status]));

  it('corrects what drifted, says so, and writes nothing else', async () => {
    await online('a', HOUR_AGO);
    await online('b', HOUR_AGO);
    const list = [
      client('b', HOUR_AGO),
      client('c', HOUR_AGO + 5),
      client('d', 1, false),
      client('stranger', 2),
    ];
    const drift = await reconcile(database, listing(list));
    expect(drift.map(({ clientid, status, source }) => [clientid, status, source])).to.have.deep.members([
      ['c', 'online', 'reconcile'],
      ['a', 'offline', 'reconcile'],
    ]);
    expect(drift.find(({ clientid }) => clientid === 'a')?.reason).to.equal('the broker has no such client');
    expect(await statuses()).to.deep.equal({ a: 'offline', b: 'online', c: 'online', d: 'never_seen' });
    expect(await reconcile(database, listing(list)), 'a second time').to.deep.equal([]);
  });

  it('leaves alone what changed after the list was asked for', async () => {
    await online('a', Date.now() + 60_000);
    expect(await reconcile(database, listing([]))).to.deep.equal([]);
    expect((await statuses()).a).to.equal('online');
  });

  it('takes a disconnect of the session that the list told of', async () => {
    await reconcile(database, listing([client('c', HOUR_AGO)]));
    await applyPresenceEvents(database, [
      {
        type: 'disconnected',
        clientid: 'c',
        reason: 'normal',
        connectedAt: HOUR_AGO,
        disconnectedAt: Date.now(),
        node: null,
        source: 'webhook',
      },
    ]);
    expect((await statuses()).c).to.equal('offline');
  });

  it('goes by what gateways say where the broker tells nothing', async () => {
    expect((await markHeard(database, ['a', 'nobody'])).map(({ clientid }) => clientid)).to.deep.equal(['a']);
    expect(await markHeard(database, ['a']), 'known already').to.deep.equal([]);
    expect(await statuses()).to.deep.include({ a: 'online' });
    const [silent] = await markSilent(database, ['a']);
    expect(silent).to.include({ status: 'offline', reason: 'no answer to a probe', source: 'probe' });
  });
});

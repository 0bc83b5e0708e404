import { expect } from 'chai';
import type { Broker, BrokerClient } from '../../../nodes/manager/broker/broker.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { markSeen, markUnresponsive } from '../../../nodes/manager/presence/last-seen.js';
import { reconcile as compare, reconcileOne } from '../../../nodes/manager/presence/reconcile.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { connected, disconnected } from '../../support/client-events.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const HOUR_AGO = Date.now() - 3_600_000;

/** A broker that lists these clients. */
function listing(clients: Partial<BrokerClient>[], perPage = 2): Broker {
  const listClients: Broker['listClients'] = async (_limit, cursor) => {
    const begin = Number(cursor ?? 0);
    const page = clients.slice(begin, begin + perPage) as BrokerClient[];
    return { clients: page, next: begin + perPage < clients.length ? String(begin + perPage) : null };
  };
  const getClient: Broker['getClient'] = async (clientid) =>
    (clients.find((one) => one.clientid === clientid) as BrokerClient | undefined) ?? null;
  return {
    listClients,
    listLagMs: () => 1000,
    getClient,
    listNodes: async () => [],
    canBeAsked: () => true,
  } as Partial<Broker> as Broker;
}

/** With a list that is believed. */
const reconcile = (database: Database, broker: Broker) => compare(database, broker, async () => null);

function client(clientid: string, connectedAt: number | null, connected = true): Partial<BrokerClient> {
  return { clientid, connectedAt, connected, ipAddress: '10.0.0.7', node: null };
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
    await applyPresenceEvents(database, [connected(clientid, connectedAt, { ipAddress: null })], true);
  }

  /** Gateways `fleet-1` and so on, online for an hour. */
  async function insertOnline(count: number): Promise<void> {
    await database.query(
      `insert into clientid_profile (clientid, connection_status, connection_status_updated_at)
       select 'fleet-' || number, true, $2::bigint / 1000 from generate_series(1, $1::integer) as number`,
      [count, HOUR_AGO],
    );
    await database.query("update tpe_presence set session_connected_at = $1 where clientid like 'fleet-%'", [
      HOUR_AGO,
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
    const { listed, corrected: drift } = await reconcile(database, listing(list));
    expect(listed).to.equal(3);
    expect(drift.map(({ clientid, status, source }) => [clientid, status, source])).to.have.deep.members([
      ['c', 'online', 'reconcile'],
      ['a', 'offline', 'reconcile'],
    ]);
    expect(drift.map(({ reason, cause }) => [reason, cause])).to.have.deep.members([
      ['the broker lists it as connected', { code: 'broker-lists-it', params: {} }],
      ['the broker has no such client', { code: 'broker-lacks-it', params: {} }],
    ]);
    expect(await statuses()).to.deep.equal({ a: 'offline', b: 'online', c: 'online', d: 'never_seen' });
    expect((await reconcile(database, listing(list))).corrected, 'a second time').to.deep.equal([]);
  });

  it('leaves alone what changed after the list was asked for', async () => {
    await online('a', Date.now() + 60_000);
    expect((await reconcile(database, listing([]))).corrected).to.deep.equal([]);
    expect((await statuses()).a).to.equal('online');
  });

  it('takes nobody for gone whom a list that changed while it was paged lacks', async () => {
    await online('a', HOUR_AGO);
    await online('b', HOUR_AGO);
    const broker = listing([client('a', HOUR_AGO), client('b', HOUR_AGO), client('c', HOUR_AGO)]);
    // 'a' went between the pages, so that 'c' moved up into the page that had been read.
    const { listClients } = broker;
    broker.listClients = async (limit, cursor) =>
      cursor === null ? { ...(await listClients(limit, null)), next: null } : listClients(limit, cursor);
    await online('c', HOUR_AGO);
    expect((await reconcile(database, broker)).corrected).to.deep.equal([]);
    expect(await statuses()).to.deep.include({ a: 'online', b: 'online', c: 'online' });
  });

  it('reads a list that changes again until it finds nobody more', async () => {
    await insertOnline(250);
    const fleet = Array.from({ length: 250 }, (_, index) => client(`fleet-${index + 1}`, HOUR_AGO));
    const broker = listing(fleet, 1000);
    const { listClients } = broker;
    const readings = [fleet.length, 150, 0];
    broker.listClients = async (limit, cursor) => {
      const page = await listClients(limit, cursor);
      return { ...page, clients: page.clients.slice(readings.shift()) };
    };
    expect((await reconcile(database, broker)).corrected).to.deep.equal([]);
    expect(readings).to.deep.equal([]);
  });

  it('ends with a list that does not end, and takes nobody offline', async () => {
    await online('a', HOUR_AGO);
    const broker = listing([]);
    for (const next of ['the same again', null]) {
      let page = 0;
      broker.listClients = async () => {
        page += 1;
        return { clients: [client('b', HOUR_AGO) as BrokerClient], next: next ?? `page ${page}` };
      };
      expect((await errorOf(reconcile(database, broker))).message).to.match(/list of clients does not end/);
    }
    expect(await statuses()).to.include({ a: 'online', b: 'online' });
  });

  it('leaves to a later look what the list may be behind', async () => {
    const justNow = Date.now() - 200;
    await online('a', justNow);
    await applyPresenceEvents(database, [disconnected('b', justNow - 1000, justNow)], true);
    const list = listing([client('b', justNow - 1000)]);
    expect(await reconcile(database, list)).to.deep.equal({
      listed: 1,
      corrected: [],
      unsettled: ['b', 'a'],
      doubt: null,
      unasked: [],
    });
    expect(await statuses()).to.include({ a: 'online', b: 'offline' });
    await online('c', HOUR_AGO);
    await applyPresenceEvents(database, [disconnected('c', null, justNow, { reason: 'normal' })], true);
    const both = listing([client('a', justNow), client('c', HOUR_AGO)]);
    expect((await reconcile(database, both)).unsettled, 'its end is not forgotten').to.deep.equal(['c']);
    // A session that is newer than the one that ended leaves no doubt.
    const newer = listing([client('b', justNow + 100), client('c', HOUR_AGO)]);
    const { corrected } = await reconcile(database, newer);
    expect(corrected.map(({ clientid, status }) => [clientid, status])).to.deep.equal([['b', 'online']]);
  });

  it('tells no session of a broker that does not name them, but one newer than the last', async () => {
    await online('a', HOUR_AGO);
    await applyPresenceEvents(database, [disconnected('a', HOUR_AGO, HOUR_AGO + 1000)], true);
    const { corrected } = await reconcile(database, listing([client('a', null)]));
    expect(corrected.map(({ clientid, status }) => [clientid, status])).to.deep.equal([['a', 'online']]);
    // The end of the old session, repeated.
    await applyPresenceEvents(database, [disconnected('a', HOUR_AGO, HOUR_AGO + 1000)], true);
    expect((await statuses()).a).to.equal('online');
    await applyPresenceEvents(database, [disconnected('a', Date.now(), Date.now())], true);
    expect((await statuses()).a).to.equal('offline');
  });

  it('compares 10,000 gateways in one run, and writes the differences only', async () => {
    await insertOnline(10_000);
    const list = Array.from({ length: 10_000 }, (_, index) => client(`fleet-${index + 1}`, HOUR_AGO));
    const before = await database.query<{ xmin: string }>('select xmin::text from tpe_presence');
    const { listed, corrected } = await reconcile(database, listing(list.slice(150), 1000));
    expect(listed).to.equal(9850);
    expect(corrected).to.have.length(150);
    expect(corrected.every(({ status }) => status === 'offline')).to.equal(true);
    const after = await database.query<{ xmin: string }>('select xmin::text from tpe_presence');
    const untouched = new Set(before.map((row) => row.xmin));
    expect(after.filter((row) => !untouched.has(row.xmin))).to.have.length(150);
  });

  it('keeps the reason of a disconnect that did not say which session it ended', async () => {
    await online('a', HOUR_AGO);
    await online('b', HOUR_AGO);
    const left = { reason: 'keepalive_timeout' };
    const events = ['a', 'b'].map((clientid) => disconnected(clientid, null, HOUR_AGO + 5000, left));
    const applied = await applyPresenceEvents(database, events, true);
    expect(applied).to.deep.equal(events.map(() => ({ change: null, isInconclusive: true })));
    const alone = (clientid: string) => reconcileOne(database, listing([client('b', HOUR_AGO)]), clientid);
    const [gone] = (await alone('a')).corrected;
    expect(gone).to.deep.include({
      status: 'offline',
      since: new Date(HOUR_AGO + 5000).toISOString(),
      reason: 'keepalive timeout',
      cause: { code: 'keepalive-timeout', params: {} },
      source: 'webhook',
    });
    // The other one has a session still: it was the end of an older one.
    expect((await alone('b')).corrected).to.deep.equal([]);
    const later = await reconcile(database, listing([]));
    expect(later.corrected[0]).to.deep.include({
      clientid: 'b',
      reason: 'the broker has no such client',
      cause: { code: 'broker-lacks-it', params: {} },
    });
  });

  it('gives no cause to a reason that was noted before there were causes', async () => {
    await online('a', HOUR_AGO);
    const unnamed = disconnected('a', null, HOUR_AGO + 5000, { reason: 'keepalive_timeout' });
    await applyPresenceEvents(database, [unnamed], true);
    await database.query('update tpe_presence set suspect_cause = null');
    const [gone] = (await reconcile(database, listing([]))).corrected;
    expect(gone).to.deep.include({ clientid: 'a', reason: 'keepalive timeout', cause: null });
  });

  it('takes a disconnect of the session that the list told of', async () => {
    await reconcile(database, listing([client('c', HOUR_AGO)]));
    await applyPresenceEvents(database, [disconnected('c', HOUR_AGO, Date.now())], true);
    expect((await statuses()).c).to.equal('offline');
  });

  it('goes by what gateways say where the broker tells nothing', async () => {
    expect((await markSeen(database, ['a', 'nobody'])).map(({ clientid }) => clientid)).to.deep.equal(['a']);
    expect(await markSeen(database, ['a']), 'known already').to.deep.equal([]);
    expect(await registry.get('a')).to.deep.include({
      status: 'online',
      reason: 'heard from it',
      cause: { code: 'heard-from-it', params: {} },
    });
    const [silent] = await markUnresponsive(database, ['a']);
    expect(silent).to.deep.include({
      status: 'offline',
      reason: 'no answer to a probe',
      cause: { code: 'probe-unanswered', params: {} },
      source: 'probe',
    });
  });
});

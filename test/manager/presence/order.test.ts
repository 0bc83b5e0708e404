import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import {
  type Applied,
  applyPresenceEvents,
  type PresenceEvent,
} from '../../../nodes/manager/presence/apply-events.js';
import type { Presence } from '../../../nodes/manager/presence/presence.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { connected, disconnected } from '../../support/client-events.js';
import { eachDatabase, opener } from '../../support/databases.js';

/** The truth: what the newest session is in, whatever the order in which its events came. */
function truth(sessions: readonly { connectedAt: number; ended: boolean }[]): string {
  const newest = sessions.toSorted((a, b) => b.connectedAt - a.connectedAt)[0];
  if (newest === undefined) return 'never_seen';
  return newest.ended ? 'offline' : 'online';
}

eachDatabase('presence: order of events', (open) => {
  let database: Database;

  /** Of a broker that cannot be asked. */
  async function apply(...events: PresenceEvent[]): Promise<(Presence | null)[]> {
    return (await applyPresenceEvents(database, events, false)).map(({ change }) => change);
  }
  let number = 0;

  before(async () => {
    database = await open();
  });
  after(() => database.close());

  async function newGateway(): Promise<string> {
    number += 1;
    const clientid = `gw-${number}`;
    await createRegistry(database).register({ clientid, password: 'a long enough password' });
    return clientid;
  }

  async function statusOf(clientid: string): Promise<string | undefined> {
    return (await createRegistry(database).get(clientid))?.status;
  }

  it('never lets the end of an older session turn a live gateway off', async () => {
    const clientid = await newGateway();
    await apply(connected(clientid, 1000));
    await apply(connected(clientid, 2000));
    expect(await apply(disconnected(clientid, 1000, 2500))).to.deep.equal([null]);
    expect(await statusOf(clientid)).to.equal('online');
  });

  it('keeps a gateway offline whose connect arrives after its disconnect', async () => {
    const clientid = await newGateway();
    await apply(disconnected(clientid, 1000, 1500));
    await apply(connected(clientid, 1000));
    expect(await statusOf(clientid)).to.equal('offline');
  });

  it('goes by the time of the event where an old broker does not name the session', async () => {
    const clientid = await newGateway();
    await apply(connected(clientid, 2000));
    await apply(disconnected(clientid, null, 1900));
    expect(await statusOf(clientid)).to.equal('online');
    await apply(disconnected(clientid, null, 2100));
    expect(await statusOf(clientid)).to.equal('offline');
  });

  it('says since when and why, and from whom it knows', async () => {
    const clientid = await newGateway();
    const at = Date.UTC(2026, 0, 1, 10, 2, 11);
    expect(await apply(connected(clientid, at))).to.deep.equal([
      {
        clientid,
        status: 'online',
        since: '2026-01-01T10:02:11.000Z',
        reason: 'connected from 10.1.2.3',
        cause: { code: 'connected-from', params: { address: '10.1.2.3' } },
        source: 'webhook',
        presenceAsOf: null,
        warning: null,
        warningCause: null,
      },
    ]);
    const [left] = await apply(disconnected(clientid, at, at + 1000, { reason: 'keepalive_timeout' }));
    expect(left).to.deep.include({
      status: 'offline',
      since: '2026-01-01T10:02:12.000Z',
      reason: 'keepalive timeout',
      cause: { code: 'keepalive-timeout', params: {} },
    });
    expect(await createRegistry(database).get(clientid)).to.deep.include({
      reason: left!.reason,
      cause: left!.cause,
    });
  });

  it("leaves the broker's own words as they are, and never beside the cause of what was before", async () => {
    const clientid = await newGateway();
    await apply(connected(clientid, 1000, { ipAddress: null }));
    const [left] = await apply(disconnected(clientid, 1000, 2000, { reason: 'eaten_by_a\u0000_whale' }));
    expect(left).to.deep.include({ status: 'offline', reason: 'eaten by a whale', cause: null });
    const [back] = await apply(connected(clientid, 3000, { ipAddress: null }));
    expect(back).to.deep.include({ reason: 'connected', cause: { code: 'connected', params: {} } });
  });

  it('asks the broker where clocks of two of its nodes are too close to tell which session is newer', async () => {
    const clientid = await newGateway();
    const doubts = async (event: PresenceEvent) =>
      (await applyPresenceEvents(database, [event], true))[0]!.isInconclusive;
    expect(await doubts(connected(clientid, 50_000, { node: 'emqx@one' }))).to.equal(false);
    expect(await doubts(connected(clientid, 50_400, { node: 'emqx@two' }))).to.equal(true);
    expect(await doubts(connected(clientid, 50_500, { node: 'emqx@two' })), 'one node').to.equal(false);
    expect(await doubts(connected(clientid, 49_900, { node: 'emqx@one' })), 'older').to.equal(true);
    expect(await doubts(connected(clientid, 60_000, { node: 'emqx@one' })), 'far apart').to.equal(false);
    expect(await statusOf(clientid)).to.equal('online');
  });

  it('asks the broker where a disconnect without a session came before the connect that it may belong to', async () => {
    const clientid = await newGateway();
    const one = async (event: PresenceEvent) => {
      const [{ change, isInconclusive }] = (await applyPresenceEvents(database, [event], true)) as [Applied];
      return [change?.status ?? null, isInconclusive];
    };
    expect(await one(disconnected(clientid, null, 2000))).to.deep.equal([null, true]);
    expect(await one(disconnected(clientid, null, 500)), 'of an older one').to.deep.equal([null, false]);
    expect(await one(connected(clientid, 1000))).to.deep.equal(['online', true]);
    expect(await one(connected(clientid, 3000)), 'began after it').to.deep.equal(['online', false]);
    expect(await one(disconnected(clientid, null, 2500)), 'ended before').to.deep.equal([null, false]);
  });

  it('changes nothing for a client that is not registered', async () => {
    expect(await apply(connected('nobody', 1))).to.deep.equal([null]);
  });

  it("ends in the truth for every order, repetition and batching of a gateway's events", async () => {
    const session = fc.record({ connectedAt: fc.integer({ min: 1, max: 50 }), ended: fc.boolean() });
    const sessions = fc.uniqueArray(session, {
      minLength: 1,
      maxLength: 5,
      selector: (one) => one.connectedAt,
    });
    const lives = fc.array(sessions, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        lives,
        fc.integer(),
        fc.integer({ min: 1, max: 7 }),
        async (gateways, seed, batchSize) => {
          const clientids = await Promise.all(gateways.map(() => newGateway()));
          const events = gateways.flatMap((life, index) =>
            life.flatMap((one) => eventsOf(clientids[index]!, one)),
          );
          const order = shuffled([...events, ...events.filter((_, index) => index % 3 === 0)], seed);
          for (let start = 0; start < order.length; start += batchSize) {
            await apply(...order.slice(start, start + batchSize));
          }
          for (const [index, life] of gateways.entries()) {
            expect(await statusOf(clientids[index]!)).to.equal(truth(life));
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('presence: several managers that write at once (postgresql)', () => {
  const open = opener('postgresql');

  it('ends in the truth, without a deadlock', async () => {
    const options = await open.options();
    const managers = await Promise.all([1, 2, 3].map(() => openDatabase(options)));
    const registry = createRegistry(managers[0]!);
    const clientids = Array.from({ length: 60 }, (_, index) => `gw-${index}`);
    await registry.import(
      JSON.stringify(clientids.map((clientid) => ({ clientid, password: 'a long enough password' }))),
      'json',
    );
    const lives = clientids.map((clientid, index) =>
      [1, 2, 3, 4].flatMap((session) =>
        eventsOf(clientid, { connectedAt: session, ended: session < 4 || index % 2 === 0 }),
      ),
    );
    for (let seed = 1; seed <= 10; seed += 1) {
      const order = shuffled([...lives.flat(), ...lives.flat()], seed * 7919);
      // Each event reaches one of the managers, as a load balancer would have it, in small batches side by side.
      await Promise.all(
        managers.map(async (database, index) => {
          const mine = order.filter((_, place) => place % managers.length === index);
          for (let start = 0; start < mine.length; start += 25) {
            await applyPresenceEvents(database, mine.slice(start, start + 25), true);
          }
        }),
      );
      const { devices } = await registry.list({ limit: 1000 });
      for (const { clientid, status } of devices) {
        const isEnded = Number(clientid.slice(3)) % 2 === 0;
        expect(status, `${clientid}, seed ${seed}`).to.equal(isEnded ? 'offline' : 'online');
      }
      await managers[0]!.query("update tpe_presence set status = 'offline', session_connected_at = null");
    }
    await Promise.all(managers.map((database) => database.close()));
  });
});

function eventsOf(clientid: string, session: { connectedAt: number; ended: boolean }): PresenceEvent[] {
  const begin = connected(clientid, session.connectedAt * 1000);
  // The end of an old session may be later than the beginning of the next: only its name counts.
  return session.ended ? [begin, disconnected(clientid, session.connectedAt * 1000, 60_000)] : [begin];
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

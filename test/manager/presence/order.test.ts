import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../nodes/manager/database/database.js';
import { applyPresenceEvents, type PresenceEvent } from '../../../nodes/manager/presence/apply-events.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { eachDatabase } from '../../support/databases.js';

const SESSION = { node: null, source: 'webhook' as const };

function connect(clientid: string, connectedAt: number): PresenceEvent {
  return {
    type: 'connected',
    clientid,
    connectedAt,
    username: null,
    ipAddress: '10.1.2.3',
    protocolVersion: 4,
    keepalive: 60,
    cleanStart: true,
    ...SESSION,
  };
}

function disconnect(clientid: string, connectedAt: number | null, disconnectedAt: number): PresenceEvent {
  return { type: 'disconnected', clientid, reason: 'tcp_closed', connectedAt, disconnectedAt, ...SESSION };
}

/** The truth: what the newest session is in, whatever the order in which its events came. */
function truth(sessions: readonly { connectedAt: number; ended: boolean }[]): string {
  const newest = sessions.toSorted((a, b) => b.connectedAt - a.connectedAt)[0];
  if (newest === undefined) return 'never_seen';
  return newest.ended ? 'offline' : 'online';
}

eachDatabase('presence: order of events', (open) => {
  let database: Database;
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
    await applyPresenceEvents(database, [connect(clientid, 1000)]);
    await applyPresenceEvents(database, [connect(clientid, 2000)]);
    expect(await applyPresenceEvents(database, [disconnect(clientid, 1000, 2500)])).to.deep.equal([null]);
    expect(await statusOf(clientid)).to.equal('online');
  });

  it('keeps a gateway offline whose connect arrives after its disconnect', async () => {
    const clientid = await newGateway();
    await applyPresenceEvents(database, [disconnect(clientid, 1000, 1500)]);
    await applyPresenceEvents(database, [connect(clientid, 1000)]);
    expect(await statusOf(clientid)).to.equal('offline');
  });

  it('goes by the time of the event where an old broker does not name the session', async () => {
    const clientid = await newGateway();
    await applyPresenceEvents(database, [connect(clientid, 2000)]);
    await applyPresenceEvents(database, [disconnect(clientid, null, 1900)]);
    expect(await statusOf(clientid)).to.equal('online');
    await applyPresenceEvents(database, [disconnect(clientid, null, 2100)]);
    expect(await statusOf(clientid)).to.equal('offline');
  });

  it('says since when and why, and from whom it knows', async () => {
    const clientid = await newGateway();
    const at = Date.UTC(2026, 0, 1, 10, 2, 11);
    expect(await applyPresenceEvents(database, [connect(clientid, at)])).to.deep.equal([
      {
        clientid,
        status: 'online',
        since: '2026-01-01T10:02:11.000Z',
        reason: 'connected from 10.1.2.3',
        source: 'webhook',
      },
    ]);
    const [left] = await applyPresenceEvents(database, [
      { ...disconnect(clientid, at, at + 1000), reason: 'keepalive_timeout' } as PresenceEvent,
    ]);
    expect(left).to.deep.include({
      status: 'offline',
      since: '2026-01-01T10:02:12.000Z',
      reason: 'keepalive timeout',
    });
  });

  it('changes nothing for a client that is not registered', async () => {
    expect(await applyPresenceEvents(database, [connect('nobody', 1)])).to.deep.equal([null]);
  });

  it("ends in the truth for every order, repetition and batching of a gateway's events", async function () {
    this.timeout(60_000);
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
            await applyPresenceEvents(database, order.slice(start, start + batchSize));
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

function eventsOf(clientid: string, session: { connectedAt: number; ended: boolean }): PresenceEvent[] {
  const begin = connect(clientid, session.connectedAt * 1000);
  // The end of an old session may be later than the beginning of the next: only its name counts.
  return session.ended ? [begin, disconnect(clientid, session.connectedAt * 1000, 60_000)] : [begin];
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

import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../nodes/manager/database/database.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { availabilityOf, createHistory, type History } from '../../../nodes/manager/presence/history.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { connected, disconnected } from '../../support/client-events.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const HOUR = 3_600_000;

eachDatabase('presence: history', (open) => {
  let database: Database;
  let history: History;

  before(async () => {
    database = await open();
    history = createHistory(database);
  });
  after(() => database.close());
  beforeEach(async () => {
    await database.execute('delete from clientid_profile');
    await database.execute('delete from mqtt_user');
  });

  const register = (clientid: string) => createRegistry(database).register({ clientid });
  /** One session, told as a broker tells it. */
  const session = (clientid: string, from: number, to: number | null) =>
    applyPresenceEvents(
      database,
      [connected(clientid, from), ...(to === null ? [] : [disconnected(clientid, from, to)])],
      false,
    );

  it('keeps each change of state with its reason, and nothing that changed none', async () => {
    const now = Date.now();
    await register('a');
    await session('a', now - 3 * HOUR, now - 2 * HOUR);
    await session('a', now - 3 * HOUR, now - 2 * HOUR);
    await session('a', now - HOUR, null);
    const events = await history.events({ clientid: 'a' });
    expect(events.map(({ online, at }) => [online, Date.parse(at)])).to.deep.equal([
      [true, now - HOUR],
      [false, now - 2 * HOUR],
      [true, now - 3 * HOUR],
    ]);
    const connect = {
      reason: 'connected from 10.1.2.3',
      cause: { code: 'connected-from', params: { address: '10.1.2.3' } },
    };
    expect(events[0]).to.deep.include(connect);
    expect(events[1]).to.deep.include({
      reason: 'connection lost',
      cause: { code: 'connection-lost', params: {} },
    });
    const older = await history.events({ clientid: 'a', before: events[0]!.id, limit: 1 });
    expect(older).to.deep.equal([events[1]]);
  });

  it('tells how a gateway stood without gaps, from what is known before', async () => {
    const now = Date.now();
    await register('a');
    expect((await history.timeline('a', 1)).map(({ status }) => status)).to.deep.equal(['unknown']);
    await session('a', now - 30 * HOUR, now - 20 * HOUR);
    await session('a', now - 10 * HOUR, null);
    const day = await history.timeline('a', 24);
    expect(day.map(({ status }) => status)).to.deep.equal(['online', 'offline', 'online']);
    for (const [place, span] of day.entries()) if (place > 0) expect(span.from).to.equal(day[place - 1]!.to);
    expect(availabilityOf(day)).to.be.closeTo(14 / 24, 0.001);
    expect((await history.timeline('a', 48)).map(({ status }) => status)).to.deep.equal([
      'unknown',
      'online',
      'offline',
      'online',
    ]);
    expect(availabilityOf(await history.timeline('nobody', 24))).to.equal(null);
  });

  it('knows how a gateway stands whose last change is forgotten', async () => {
    const now = Date.now();
    for (const [clientid, to] of [
      ['on', null],
      ['off', now - 39 * 24 * HOUR],
    ] as const) {
      await register(clientid);
      await session(clientid, now - 40 * 24 * HOUR, to);
    }
    await register('never');
    await database.execute("delete from tpe_presence_event where at < now() - interval '30 days'");
    const standing = async (clientid: string) =>
      (await history.timeline(clientid, 720)).map(({ status }) => status);
    expect(await standing('on')).to.deep.equal(['online']);
    expect(await standing('off')).to.deep.equal(['offline']);
    expect(await standing('never')).to.deep.equal(['unknown']);
    await session('off', now - HOUR, null);
    expect(await standing('off')).to.deep.equal(['unknown', 'online']);
  });

  it('counts each change once, however many there are, and however many of one moment', async () => {
    const online = async () => (await history.overTime(2, 3)).map((point) => point.online);
    await database.execute('delete from tpe_presence_event');
    for (const [first, count] of [
      [1, 12_001],
      [20_001, 4_999],
      [30_001, 1],
    ]) {
      await database.execute(`insert into tpe_presence_event (clientid, at, online)
        select 'x' || number, now() - interval '30 minutes', false
        from generate_series(${first}, ${first! + count! - 1}) number`);
    }
    expect(await online()).to.deep.equal([17_001, 17_001, 0]);
    await database.execute('delete from tpe_presence_event');
    expect(await online()).to.deep.equal([0, 0, 0]);
  });

  it('reads no more than the last changes of a gateway that comes and goes all the time', async () => {
    await register('flapping');
    await database.execute(`insert into tpe_presence_event (clientid, at, online)
      select 'flapping', now() - make_interval(secs => ago), ago % 2 = 0 from generate_series(1, 5000) ago`);
    const spans = await history.timeline('flapping', 720);
    expect(spans).to.have.length(2001);
    expect(spans[0]?.status).to.equal('unknown');
    expect(spans[1]?.status).to.equal('online');
    expect(Date.parse(spans[1]!.from)).to.be.closeTo(Date.now() - 2_000_000, 60_000);
  });

  it('counts how many were online at each moment, as the events say', async () => {
    const spans = fc.array(
      fc
        .array(fc.integer({ min: 1, max: 48 * 60 }), { maxLength: 6 })
        .map((minutes) => [...new Set(minutes)].sort((x, y) => y - x)),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(spans, fc.integer({ min: 2, max: 60 }), async (gateways, points) => {
        await database.execute('delete from clientid_profile');
        await database.execute('delete from mqtt_user');
        const now = Date.now();
        // Each gateway comes and goes in turn at these minutes ago; half a minute off the points of any grid of whole ones.
        const changes = gateways.map((minutes) => minutes.map((ago) => now - ago * 60_000 + 29_000));
        for (const [number, times] of changes.entries()) {
          await register(`gw-${number}`);
          for (let place = 0; place < times.length; place += 2)
            await session(`gw-${number}`, times[place]!, times[place + 1] ?? null);
        }
        for (const { at, online } of await history.overTime(24, points)) {
          const isOnline = (times: number[]) =>
            times.filter((time) => time <= Date.parse(at)).length % 2 === 1;
          expect(online, at).to.equal(changes.filter(isOnline).length);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('forgets gateways that are retired', async () => {
    const now = Date.now();
    await register('a');
    await register('b');
    await session('a', now - HOUR, null);
    await session('b', now - 40 * 24 * HOUR, now - HOUR);
    await createRegistry(database).retire('a');
    expect((await history.events({})).map(({ clientid }) => clientid)).to.deep.equal(['b', 'b']);
  });

  it('refuses questions that make no sense', async () => {
    for (const bad of [0, 721, 1.5, Number.NaN])
      expect(await errorOf(history.timeline('a', bad))).to.include({ code: 'INVALID_INPUT' });
    for (const bad of [1, 201])
      expect(await errorOf(history.overTime(1, bad))).to.include({ code: 'INVALID_INPUT' });
    expect(await errorOf(history.events({ limit: 501 }))).to.include({ code: 'INVALID_INPUT' });
    expect(await errorOf(history.events({ before: 'x' }))).to.include({ code: 'INVALID_INPUT' });
    expect(await history.events({ clientid: '\u0000' })).to.deep.equal([]);
  });
});

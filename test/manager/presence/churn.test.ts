import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { applyPresenceEvents, type PresenceEvent } from '../../../nodes/manager/presence/apply-events.js';
import { createOwnRestarts, hasBegunSince } from '../../../nodes/manager/presence/own-restarts.js';
import type { Presence } from '../../../nodes/manager/presence/presence.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { connected, disconnected } from '../../support/client-events.js';
import { eachDatabase } from '../../support/databases.js';

const MINUTE = 60_000;

eachDatabase('presence: gateways that connect again and again', (open) => {
  let database: Database;
  /** So that the last events are of now. */
  let start: number;

  beforeEach(async () => {
    database = await open();
    await createRegistry(database).register({ clientid: 'gw', password: 'a long enough password' });
    start = Date.now() - 9 * MINUTE;
  });
  afterEach(() => database.close());

  async function apply(event: PresenceEvent): Promise<Presence | null> {
    return (await applyPresenceEvents(database, [event], true))[0]!.change;
  }

  it('says that two gateways seem to share a client id, and from where they come', async () => {
    const warnings: (string | null)[] = [];
    for (let takeover = 0; takeover <= 5; takeover += 1) {
      const ipAddress = takeover % 2 === 0 ? '10.0.0.1' : '10.0.0.2';
      const event = connected('gw', start + takeover * MINUTE, { ipAddress });
      warnings.push((await apply(event))!.warning);
    }
    expect(warnings.slice(0, 5)).to.deep.equal([null, null, null, null, null]);
    expect(warnings[5]).to.equal(
      'two gateways seem to share this client id: taken over 5 times within 10 minutes, from 10.0.0.1 and 10.0.0.2',
    );
    const params = { times: 5, minutes: 10, before: '10.0.0.1', here: '10.0.0.2' };
    expect(await createRegistry(database).get('gw')).to.deep.include({
      warning: warnings[5],
      warningCause: { code: 'client-id-shared-from', params },
    });
  });

  it('says that a link is unstable', async () => {
    let last: Presence | null = null;
    for (let round = 0; round < 8; round += 1) {
      const at = start + round * MINUTE;
      last = await apply(connected('gw', at));
      if (round < 7) await apply(disconnected('gw', at, at + 1000));
    }
    expect(last?.warning).to.equal('unstable link or power: connected 8 times within 10 minutes');
    expect(last?.warningCause).to.deep.equal({ code: 'link-unstable', params: { times: 8, minutes: 10 } });
    expect(last?.status).to.equal('online');
  });

  it('says nothing of one that reconnects now and then, nor of what is long past', async () => {
    for (let round = 0; round < 12; round += 1) {
      const at = start + round * 4 * MINUTE;
      expect((await apply(connected('gw', at)))!.warning).to.equal(null);
      await apply(disconnected('gw', at, at + 1000));
    }
    const lastWeek = start + 48 * MINUTE;
    expect((await apply(connected('gw', lastWeek)))!.warning).to.equal(null);
    await database.query('update tpe_presence set churn_since = $1, churn_takeovers = 50', [
      Date.now() - 30 * MINUTE,
    ]);
    expect((await createRegistry(database).get('gw'))?.warning).to.equal(null);
  });

  it('counts a repeated connect once', async () => {
    for (let round = 0; round < 20; round += 1) await apply(connected('gw', start));
    expect((await createRegistry(database).get('gw'))?.warning).to.equal(null);
  });

  async function warningAfter(rounds: number, more: { reason?: string; isTold?: boolean } = {}) {
    const { reason = 'tcp_closed', isTold = true } = more;
    let last: Presence | null = null;
    for (let round = 0; round < rounds; round += 1) {
      const at = start + round * 20_000;
      last = await apply(connected('gw', at));
      if (isTold) await apply(disconnected('gw', at, at + 1000, { reason }));
    }
    return last!.warning;
  }

  for (const reason of ['normal', 'disconnect_with_will_message', 'kicked']) {
    it(`says nothing of a link whose sessions end as ${reason}: that is no lost link`, async () => {
      expect(await warningAfter(20, { reason })).to.equal(null);
    });
  }

  for (const isTold of [true, false]) {
    it(`takes off one connect for each start of the broker, ${isTold ? 'whose end was told' : 'that died without a word'}`, async () => {
      const restarts = createOwnRestarts(database, (text) => expect.fail(text));
      for (let round = 0; round < 20; round += 1) await restarts.note(start + round * 20_000 - 500);
      expect(await warningAfter(20, { isTold })).to.equal(null);
    });
  }

  it('still sees a link that is unstable while the broker is restarted, and takes one start for one', async () => {
    const restarts = createOwnRestarts(database, (text) => expect.fail(text));
    // As two managers see it, and one of them twice.
    for (const late of [0, 900, 2100]) await restarts.note(start - 500 + late);
    expect(await warningAfter(9)).to.equal('unstable link or power: connected 8 times within 10 minutes');
  });

  it('takes off what is known of only afterwards, and forgets starts of long ago', async () => {
    expect(await warningAfter(8)).to.not.equal(null);
    const restarts = createOwnRestarts(database, (text) => expect.fail(text));
    await restarts.note(start + 60_000);
    expect((await createRegistry(database).get('gw'))?.warning).to.equal(null);
    await database.query('insert into tpe_broker_start (at) values (1000)');
    await restarts.note(Date.now());
    expect(await database.query('select at from tpe_broker_start where at < 100000')).to.deep.equal([]);
  });

  it('does not take the start of a manager for one of the broker beside it, and knows both at once', async () => {
    const beside = createOwnRestarts(database, (text) => expect.fail(text));
    const before = Date.now();
    await beside.noteManager();
    expect(await hasBegunSince(database, before)).to.equal(false);
    await beside.note(before + 1);
    expect(await hasBegunSince(database, before)).to.equal(true);
    const embedded = createOwnRestarts(database, (text) => expect.fail(text), true);
    const later = Date.now() + 1;
    while (Date.now() < later) await new Promise(setImmediate);
    await embedded.noteManager();
    expect(await hasBegunSince(database, later)).to.equal(true);
  });
});

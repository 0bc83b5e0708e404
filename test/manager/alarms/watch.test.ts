import { expect } from 'chai';
import { watchPresence } from '../../../nodes/manager/alarms/watch.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createOwnRestarts } from '../../../nodes/manager/presence/own-restarts.js';
import { eachDatabase } from '../../support/databases.js';

eachDatabase('alarms: since when presence is known', (open) => {
  let database: Database;
  let isKnown: boolean;

  beforeEach(async () => {
    database = await open();
    isKnown = true;
  });
  afterEach(() => database.close());

  const look = () => watchPresence({ database, isPresenceKnown: () => isKnown });

  /** Looks after so much time has passed, s. */
  async function lookAfter(seconds: number) {
    await database.query(
      `update tpe_alarm_watch set looked_at = looked_at - make_interval(secs => $1), presence_since = presence_since - make_interval(secs => $1)`,
      [seconds],
    );
    return await look();
  }

  const isNew = ({ now, presenceSince }: Awaited<ReturnType<typeof look>>) =>
    presenceSince?.getTime() === now.getTime();

  it('is since somebody began to look, for as long as somebody looks', async () => {
    expect(isNew(await look())).to.equal(true);
    const { now, presenceSince } = await lookAfter(50);
    expect(now.getTime() - presenceSince!.getTime()).to.be.at.least(50_000);
    expect(isNew(await lookAfter(61)), 'nobody has looked').to.equal(true);
  });

  it('is not while the broker is away, and anew when it is back', async () => {
    await look();
    isKnown = false;
    expect((await lookAfter(5)).presenceSince).to.equal(null);
    expect((await lookAfter(5)).presenceSince).to.equal(null);
    isKnown = true;
    expect(isNew(await lookAfter(5))).to.equal(true);
    expect(isNew(await lookAfter(5))).to.equal(false);
  });

  it('is anew after a start of the broker', async () => {
    await look();
    await lookAfter(30);
    await createOwnRestarts(database, () => undefined).note(Date.now() - 5000);
    expect(isNew(await look())).to.equal(true);
    expect(isNew(await lookAfter(1))).to.equal(false);
  });

  it('is known also where the row of it was lost', async () => {
    await database.query('delete from tpe_alarm_watch');
    expect(isNew(await look())).to.equal(true);
  });
});

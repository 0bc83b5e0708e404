import { expect } from 'chai';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const done = async () => undefined;

eachDatabase('instances: scheduled work', (open) => {
  it('is done by one manager, and by another when that one has not begun it for a while', async () => {
    const database = await open();
    const [one, other] = [createSchedule(database, 'one'), createSchedule(database, 'other')];
    expect(await one.attempt('presence', 60_000, done)).to.equal(true);
    expect(await other.attempt('presence', 60_000, done)).to.equal(false);
    expect(await other.attempt('scan', 60_000, done), 'another task').to.equal(true);
    expect(await one.attempt('presence', 60_000, done), 'its own again').to.equal(true);
    await database.query("update tpe_schedule set started_at = now() - interval '2 minutes'");
    expect(await other.attempt('presence', 60_000, done)).to.equal(true);
    expect(await one.attempt('presence', 60_000, done)).to.equal(false);
    await database.close();
  });

  it('is for another manager at once where it failed', async () => {
    const database = await open();
    const [one, other] = [createSchedule(database, 'one'), createSchedule(database, 'other')];
    const failing = one.attempt('presence', 60_000, async () => {
      expect(await other.attempt('presence', 60_000, done), 'while it is tried').to.equal(false);
      throw new Error('the broker is away');
    });
    expect((await errorOf(failing)).message).to.equal('the broker is away');
    expect(await other.attempt('presence', 60_000, done)).to.equal(true);
    expect(await one.attempt('presence', 60_000, done)).to.equal(false);
    await database.close();
  });

  it('that was taken over meanwhile is not given back by who failed', async () => {
    const database = await open();
    const [one, other] = [createSchedule(database, 'one'), createSchedule(database, 'other')];
    const failing = one.attempt('presence', 60_000, async (isOurs) => {
      await database.query("update tpe_schedule set started_at = now() - interval '2 minutes'");
      expect(await other.attempt('presence', 60_000, done)).to.equal(true);
      expect(await isOurs()).to.equal(false);
      throw new Error('late');
    });
    await errorOf(failing);
    expect(await one.attempt('presence', 60_000, done)).to.equal(false);
    await database.close();
  });
});

describe('instances: scheduled work that many want at once (postgresql)', () => {
  const open = opener('postgresql');

  it('is given to exactly one', async () => {
    const options = await open.options();
    const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase(options)));
    for (let round = 0; round < 20; round += 1) {
      const attempts = await Promise.all(
        databases.map((database, index) =>
          createSchedule(database, `i${index}`).attempt(`t${round}`, 60_000, done),
        ),
      );
      expect(attempts.filter(Boolean)).to.have.length(1);
    }
    await Promise.all(databases.map((database) => database.close()));
  });
});

import { expect } from 'chai';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createSchedule } from '../../../nodes/manager/instances/schedule.js';
import { eachDatabase, opener } from '../../support/databases.js';

eachDatabase('instances: scheduled work', (open) => {
  it('is done by one manager, and by another when that one has not begun it for a while', async () => {
    const database = await open();
    const [one, other] = [createSchedule(database, 'one'), createSchedule(database, 'other')];
    expect(await one.claim('presence', 60_000)).to.equal(true);
    expect(await other.claim('presence', 60_000)).to.equal(false);
    expect(await other.claim('scan', 60_000), 'another task').to.equal(true);
    expect(await one.claim('presence', 60_000), 'its own again').to.equal(true);
    await database.query("update tpe_schedule set started_at = now() - interval '2 minutes'");
    expect(await other.claim('presence', 60_000)).to.equal(true);
    expect(await one.claim('presence', 60_000)).to.equal(false);
    await database.close();
  });
});

describe('instances: scheduled work that many want at once (postgresql)', () => {
  const open = opener('postgresql');

  it('is given to exactly one', async () => {
    const options = await open.options();
    const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase(options)));
    for (let round = 0; round < 20; round += 1) {
      const claims = await Promise.all(
        databases.map((database, index) => createSchedule(database, `i${index}`).claim(`t${round}`, 60_000)),
      );
      expect(claims.filter(Boolean)).to.have.length(1);
    }
    await Promise.all(databases.map((database) => database.close()));
  });
});

import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import { type EmqxManager, openEmqxManager } from '../../support/emqx-manager.js';
import { fleetIds, insertFleet } from '../../support/fleet.js';
import { nextEvent } from '../../support/manager.js';
import { postgres } from '../../support/postgres.js';

const FLEET = 200;

describe('faults: gateways come and go while the database is away', () => {
  const open = opener('postgresql');
  let test: EmqxManager;

  afterEach(async () => {
    await (await postgres()).start().catch(() => undefined);
    await test.close();
  });

  for (const version of ['5.8', '4.4'] satisfies EmqxVersion[]) {
    it(`ends with the truth (EMQX ${version}, which ${version === '5.8' ? 'repeats' : 'never repeats'})`, async () => {
      const database = await open.options();
      await insertFleet(database, FLEET);
      test = await openEmqxManager({
        version,
        database,
        events: 'webhook',
      });
      const { manager, emqx } = test;
      const ids = fleetIds(FLEET);
      await emqx.addClients(ids.slice(0, 100));
      await emqx.webhooks.settled();
      expect(await test.held()).to.have.length(100);

      const server = await postgres();
      const isAway = nextEvent(manager, 'health', (health) => !health.database.connected);
      await server.stop();
      const goes = emqx.removeClients(ids.slice(0, 12));
      const comes = emqx.addClients(ids.slice(100, 112));
      const isTaken = emqx.addClients(ids.slice(40, 46));
      await isAway;
      await Promise.all([goes, comes, isTaken]);
      // Some of them again, while what was told before still waits.
      await Promise.all([emqx.addClients(ids.slice(0, 6)), emqx.removeClients(ids.slice(100, 106))]);
      const late = () => manager.health().webhooks?.late ?? 0;
      while (late() < 12) await new Promise((resolve) => setTimeout(resolve, 50));

      const isBack = nextEvent(manager, 'health', (health) => health.database.connected);
      const before = manager.health().presence.checkedAt;
      const isChecked = nextEvent(manager, 'health', ({ presence }) => presence.checkedAt !== before);
      // Those come while it comes back.
      const more = emqx.addClients(ids.slice(112, 118));
      await server.start();
      await Promise.all([isBack, isChecked, more]);
      await emqx.webhooks.settled();
      await test.untilTrue(async () => !manager.health().webhooks?.waiting);
      expect(await test.held())
        .to.deep.equal(test.truth())
        .and.to.have.length(106);
      expect(manager.health().webhooks).to.include({ failed: 0, refused: 0 });
      const dropped = emqx.webhooks.dropped.length;
      if (version === '5.8') expect(dropped).to.equal(0);
      else expect(dropped, 'EMQX 4 gave up, and what it told was kept').to.be.greaterThan(0);
    });
  }
});

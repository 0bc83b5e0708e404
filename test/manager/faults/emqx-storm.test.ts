import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { shippedSettings } from '../../support/emqx/action-settings.js';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import { type EmqxManager, openEmqxManager } from '../../support/emqx-manager.js';
import { errorOf } from '../../support/errors.js';
import { fleetIds, insertFleet } from '../../support/fleet.js';
import { nextEvent } from '../../support/manager.js';
import { patience } from '../../support/patience.js';

/** Webhooks under way at once, by the configuration of docker/: the connections of the action, and the pool of EMQX 4. */
const IN_FLIGHT = { '5.8': shippedSettings('tpedm_presence').connections, '4.4': 32 };
const MAX_ASKED_AT_ONCE = 50;

describe('faults: EMQX was restarted, and all gateways come back at once', () => {
  const open = opener('postgresql');
  let test: EmqxManager;

  afterEach(() => test.close());

  for (const [version, fleet, lost] of [
    ['5.8', 10_000, 500],
    ['4.4', 1000, 0],
  ] satisfies [EmqxVersion, number, number][]) {
    it(`ends with the truth for ${fleet} gateways, drops nothing, and floods nobody (${version})`, async () => {
      const database = await open.options();
      await insertFleet(database, fleet);
      test = await openEmqxManager({
        version,
        database,
        events: 'webhook',
        // EMQX 4 gives an event up after 5 s, in which a busy machine does not do it all.
        webhook: { patienceMs: patience(60_000) },
      });
      const { manager, emqx } = test;
      const asked = new Set<string>();
      let mostAsked = 0;
      manager.events.on('command', ({ requestId, state }) => {
        if (state === 'SENT') asked.add(requestId);
        else asked.delete(requestId);
        mostAsked = Math.max(mostAsked, asked.size);
      });

      await emqx.addClients(fleet);
      await emqx.webhooks.settled();
      expect((await manager.registry.counts()).online).to.equal(fleet);

      const isAway = nextEvent(manager, 'health', ({ broker }) => !broker.connected);
      await emqx.stop();
      await errorOf(manager.broker.listClients(1, null));
      await isAway;
      const isBack = nextEvent(manager, 'health', ({ broker }) => broker.connected);
      await emqx.restart();
      await emqx.addClients(fleetIds(fleet).slice(lost));
      await emqx.webhooks.settled();
      await isBack;
      await test.untilTrue();
      expect(await test.held()).to.have.length(fleet - lost);

      expect(emqx.webhooks.dropped).to.deep.equal([]);
      expect(manager.health().webhooks).to.deep.include({ failed: 0, refused: 0, waiting: 0 });
      expect(test.mostWaiting()).to.be.within(1, IN_FLIGHT[version]);
      // They never answer, so those asked first keep the others from being asked.
      if (mostAsked < MAX_ASKED_AT_ONCE) {
        await nextEvent(manager, 'command', () => asked.size === MAX_ASKED_AT_ONCE);
      }
      expect(mostAsked).to.equal(MAX_ASKED_AT_ONCE);
    });
  }
});

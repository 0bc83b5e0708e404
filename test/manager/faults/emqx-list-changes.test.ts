import { once } from 'node:events';
import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import type { Emqx } from '../../support/emqx/index.js';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import { type EmqxManager, openEmqxManager } from '../../support/emqx-manager.js';
import { fleetIds, insertFleet } from '../../support/fleet.js';

const FLEET = 3500;
const LOST = 400;
const PER_PAGE = 150;
/** For two readings of the list, of three or four pages each. */
const MAX_CHANGES = 6;

describe('faults: the client list of EMQX changes while it is read', () => {
  const open = opener('postgresql');
  let test: EmqxManager;

  afterEach(() => test.close());

  for (const version of ['4.4', '5.0', '5.8'] satisfies EmqxVersion[]) {
    it(`takes nobody for gone who is there, and for there who is gone (${version})`, async () => {
      const database = await open.options();
      await insertFleet(database, FLEET, new Date(Date.now() - 3_600_000).toISOString());
      let isOpen: () => void = () => undefined;
      const opened = new Promise<void>((resolve) => (isOpen = resolve));
      let changes = 0;
      // Those in front go, so that the others move up, over the edges of the pages.
      async function change(emqx: Emqx): Promise<void> {
        await opened;
        if (changes === MAX_CHANGES) return;
        changes += 1;
        const first = emqx.clients().slice(0, PER_PAGE);
        await emqx.removeClients(first.map(({ clientid }) => clientid));
      }
      test = await openEmqxManager({
        version,
        database,
        events: 'webhook',
        async prepare(emqx) {
          // The others have gone, and nobody was told.
          await emqx.addClients(fleetIds(FLEET - LOST), { isSilent: true });
          emqx.changeWhileListing(() => change(emqx));
        },
      });
      const { manager, emqx } = test;
      const wronged: string[] = [];
      manager.events.on('presence', ({ clientid, status }) => {
        const isThere = emqx.clients().some((client) => client.clientid === clientid);
        if (status === 'offline' && isThere) wronged.push(clientid);
      });
      isOpen();
      while (manager.health().presence.checkedAt === null) await once(manager.events, 'health');
      await emqx.webhooks.settled();
      await test.untilTrue();
      expect(wronged).to.deep.equal([]);
      expect(changes).to.be.at.least(3);
      expect(await test.held()).to.have.length(FLEET - LOST - changes * PER_PAGE);
      expect(manager.health().presence.correctedInAll).to.be.at.least(LOST);
    });
  }
});

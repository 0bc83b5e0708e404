import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { openEmqxManager } from '../../support/emqx-manager.js';
import { errorOf } from '../../support/errors.js';
import { connectGateway } from '../../support/gateway.js';
import { nextEvent, openTestManager, presenceOf } from '../../support/manager.js';

const RESTARTS = 9;

describe('presence: reconnects of our own making', () => {
  const open = opener('pglite');

  it('do not make a link unstable when this device manager is restarted again and again', async () => {
    const database = await open.options();
    let login: { clientid: string; username: string; password: string } | null = null;
    let warning: string | null | undefined;
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      const test = await openTestManager(database);
      login ??= (await test.manager.registry.register({ clientid: 'gw' })).credential;
      const isOnline = presenceOf(test.manager, 'gw', 'online');
      await connectGateway({ ...login, port: test.port });
      warning = (await isOnline).warning;
      await test.manager.close();
    }
    expect(warning).to.equal(null);
  });

  it('do not make a link unstable when EMQX dies and comes back, and a link that is so counts on', async () => {
    const test = await openEmqxManager({ version: '5.8', database: await open.options(), events: 'webhook' });
    try {
      const { manager, emqx } = test;
      await test.register('still', 'flaps');
      await emqx.addClients(['still', 'flaps']);
      for (let restart = 0; restart < 3; restart += 1) {
        const isAway = nextEvent(manager, 'health', ({ broker }) => !broker.connected);
        await emqx.stop();
        await errorOf(manager.broker.listClients(1, null));
        await isAway;
        const isBack = nextEvent(manager, 'health', ({ broker }) => broker.connected);
        await emqx.restart();
        await emqx.addClients(['still', 'flaps']);
        await isBack;
        for (let flap = 0; flap < 4; flap += 1) {
          await emqx.removeClients(['flaps']);
          await emqx.webhooks.settled();
          await emqx.addClients(['flaps']);
          await emqx.webhooks.settled();
        }
      }
      await test.untilTrue(async () => (await manager.registry.get('flaps'))?.warning !== null);
      expect((await manager.registry.get('flaps'))?.warning).to.match(
        /^unstable link or power: connected \d+ times/,
      );
      expect((await manager.registry.get('still'))?.warning).to.equal(null);
    } finally {
      await test.close();
    }
  });
});

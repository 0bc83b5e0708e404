import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { EMQX_VERSIONS, recordedWebhook } from '../../support/emqx-recordings.js';
import { errorOf } from '../../support/errors.js';
import { nextEvent, presenceOf } from '../../support/manager.js';
import { patience } from '../../support/patience.js';
import { postgres } from '../../support/postgres.js';
import { openWebhookManager, type WebhookManager } from '../../support/webhook-manager.js';

describe('faults: webhooks while the database is away', () => {
  const databases = opener('postgresql');
  let test: WebhookManager;

  before(async () => {
    test = await openWebhookManager(await databases.options(), {
      topics: { telemetry: ['devices/{clientid}/#'] },
    });
  });
  after(async () => {
    await (await postgres()).start().catch(() => undefined);
    await test.close();
  });

  for (const version of EMQX_VERSIONS) {
    const clientid = `away-${version}`;
    const body = (name: string, more: object) => ({
      ...(JSON.parse(recordedWebhook(version, name).body_raw) as object),
      clientid,
      from_client_id: clientid,
      ...more,
    });
    const ANSWER = {
      topic: `/tpedm/${clientid}/output`,
      payload: '{"request-id":"1","state":200,"payload":{}}',
    };

    it(`answers before EMQX 4 gives up, keeps all, and ends with the truth (${version})`, async () => {
      const { manager } = test;
      const server = await postgres();
      await manager.registry.register({ clientid });
      const online = presenceOf(manager, clientid, 'online');
      await manager.takeWebhook(body('client_connected', {}));
      await online;
      await test.emqx.addClients([clientid], { isSilent: true });

      await server.stop();
      const events = [
        body('client_disconnected', {}),
        body('client_connected', { connected_at: 1795600000000 }),
        body('message_publish', { ...ANSWER, id: 'A1' }),
      ];
      const began = Date.now();
      for (const error of await Promise.all(events.map((event) => errorOf(manager.takeWebhook(event))))) {
        expect(error).to.include({ code: 'UNAVAILABLE' });
      }
      expect(Date.now() - began).to.be.below(patience(8000));
      // EMQX 5 sends again what it got a 503 for; EMQX 4 never does.
      if (version === '5.0.26') {
        await Promise.all(events.map((event) => errorOf(manager.takeWebhook(event))));
      }
      expect(manager.health().webhooks).to.include({ waiting: 3 });

      const answered = nextEvent(manager, 'output', (output) => output.clientid === clientid);
      const since = new Date(1795600000000).toISOString();
      const back = nextEvent(
        manager,
        'presence',
        (presence) => presence.clientid === clientid && presence.since === since,
      );
      await server.start();
      await Promise.all([answered, back]);
      await manager.takeWebhook(body('client_disconnected', { connected_at: 1, disconnected_at: 2 }));
      expect(manager.health().webhooks).to.include({ waiting: 0, failed: 0 });
      expect((await manager.registry.get(clientid))?.status).to.equal('online');
    });
  }
});

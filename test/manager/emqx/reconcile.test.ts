import { expect } from 'chai';
import type { Broker } from '../../../nodes/manager/broker/broker.js';
import { createEmqxBroker } from '../../../nodes/manager/broker/emqx/emqx-broker.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { readWebhook } from '../../../nodes/manager/intake/emqx-webhook.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { type ReconciledOne, reconcile, reconcileOne } from '../../../nodes/manager/presence/reconcile.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { opener } from '../../support/databases.js';
import { KEY, openRig, type Rig } from './rig.js';

describe('presence: against the list of EMQX 4, which waits for the webhook', () => {
  const open = opener('pglite');
  let rig: Rig;
  let database: Database;
  let broker: Broker;

  before(async () => {
    rig = await openRig({ version: '4.4' });
    database = await open();
    broker = createEmqxBroker(
      { apiUrl: rig.emqx.apiUrl, ...KEY, events: 'webhook' },
      { topics: makeTopics(DEFAULT_TOPICS), log: { info: () => undefined, warn: () => undefined } },
    );
    await broker.open(async () => undefined);
  });
  after(async () => {
    await broker.close();
    await rig.closeAll();
    await database.close();
  });

  it('believes the event that is being answered, and looks again later', async () => {
    const registry = createRegistry(database);
    await registry.register({ clientid: 'A' });
    const found: ReconciledOne[] = [];
    const statuses: unknown[] = [];
    rig.receiver.answerWith(async ({ body }) => {
      const read = readWebhook(body, 'auto');
      if (read.kind !== 'event' || read.event.type === 'message' || read.event.type === 'refused')
        throw new Error('not an event of a client');
      await applyPresenceEvents(database, [read.event], true);
      const { corrected, unsettled } = await reconcile(database, broker, async () => null);
      found.push({ corrected, unsettled }, await reconcileOne(database, broker, 'A'));
      statuses.push((await registry.get('A'))?.status);
      return 200;
    });
    const client = await rig.client('A');
    await client.endAsync();
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    await rig.emqx.webhooks.settled();
    const untouched = { corrected: [], unsettled: ['A'] };
    expect(found).to.deep.equal([untouched, untouched, untouched, untouched]);
    expect(statuses).to.deep.equal(['online', 'offline']);
  });
});

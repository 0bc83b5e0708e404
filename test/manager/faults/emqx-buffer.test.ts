import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { type ActionSettings, LOOKS_OFTEN } from '../../support/emqx/action-settings.js';
import { type EmqxManager, openEmqxManager } from '../../support/emqx-manager.js';
import { fleetIds, insertFleet } from '../../support/fleet.js';
import { runsOut } from '../../support/patience.js';

const FLEET = 400;

describe('faults: Node-RED goes away in a storm, and comes back', () => {
  const open = opener('postgresql');
  let test: EmqxManager;
  afterEach(() => test.close());

  async function begin(presence: Partial<ActionSettings> = {}): Promise<string[]> {
    const database = await open.options();
    await insertFleet(database, FLEET);
    const webhook = { presence: { ...LOOKS_OFTEN, ...presence } };
    test = await openEmqxManager({ version: '5.8', database, events: 'webhook', webhook });
    return fleetIds(FLEET);
  }

  /** What is known of a gateway, the oldest first. */
  async function changesOf(clientid: string): Promise<boolean[]> {
    const events = await test.manager.history.events({ clientid });
    return events.map(({ online }) => online).reverse();
  }

  it('loses nothing of what EMQX keeps meanwhile, also of gateways that have gone again', async () => {
    const fleet = await begin();
    const visitors = fleet.slice(0, 50);
    const others = fleet.slice(50);
    const coming = test.emqx.addClients(others, { perSecond: 1000 });
    const { sent, dropped } = test.emqx.webhooks;
    // Some are told, some are on their way, and some have not come yet.
    while (sent.length < 50) await sleep(5);
    await test.stopManager();
    const taken = sent.filter(({ status }) => status === 200).length;
    expect(taken, 'told before').to.be.below(others.length);
    await coming;
    // Nobody who looks at EMQX's list will ever see them.
    await test.emqx.addClients(visitors);
    await test.emqx.removeClients(visitors, { reason: 'keepalive_timeout' });
    await test.startManager();
    await test.emqx.webhooks.settled();

    expect(dropped).to.deep.equal([]);
    await test.untilTrue();
    expect(await test.held())
      .to.deep.equal(test.truth())
      .and.to.have.length(others.length);
    for (const clientid of visitors) {
      expect(await changesOf(clientid), clientid).to.deep.equal([true, false]);
      expect(await test.manager.registry.get(clientid)).to.include({
        status: 'offline',
        reason: 'keepalive timeout',
      });
    }
    for (const clientid of others) expect(await changesOf(clientid), clientid).to.deep.equal([true]);
  });

  for (const [what, why, presence] of [
    ['its buffer had no room for', 'overflow', { window: 10, bufferBytes: 20 * 1024 }],
    ['was too old to be sent', 'expired', { window: 10, ttlMs: runsOut(200) }],
  ] as const) {
    it(`finds in EMQX's list what ${what}`, async () => {
      const fleet = await begin(presence);
      const leavers = fleet.slice(0, 100);
      await test.emqx.addClients(leavers);
      const { webhooks } = test.emqx;
      while ((await test.held()).length < leavers.length) await sleep(20);

      await test.stopManager();
      await test.emqx.removeClients(leavers);
      await test.emqx.addClients(fleet.slice(100));
      while (!webhooks.dropped.some(({ status }) => status === why)) await sleep(20);
      await test.startManager();
      await webhooks.settled();
      await test.untilTrue();
      expect(new Set(webhooks.dropped.map(({ status }) => status))).to.deep.equal(new Set([why]));
      expect(webhooks.dropped.length, 'given up by EMQX').to.be.above(10);
      expect(await test.held()).to.deep.equal(fleet.slice(100).sort());
    });
  }
});

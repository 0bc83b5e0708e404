import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { type ActionSettings, shippedSettings } from '../../support/emqx/action-settings.js';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import type { Delivery } from '../../support/emqx/webhook-delivery.js';
import type { WebhookOptions } from '../../support/emqx/webhooks.js';
import { type EmqxManager, openEmqxManager } from '../../support/emqx-manager.js';
import { fleetIds, insertFleet } from '../../support/fleet.js';

/** Shuffled the same way in each run. */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  let seed = 20_261_129;
  for (let index = result.length - 1; index > 0; index -= 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const other = seed % (index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

describe('faults: EMQX tells side by side who comes and goes', () => {
  const open = opener('postgresql');
  let test: EmqxManager;
  afterEach(() => test.close());

  async function begin(
    version: EmqxVersion,
    fleet: number,
    webhook: Partial<WebhookOptions> = {},
  ): Promise<string[]> {
    const database = await open.options();
    await insertFleet(database, fleet);
    test = await openEmqxManager({
      version,
      database,
      events: 'webhook',
      webhook,
    });
    return fleetIds(fleet);
  }

  /** How long the events of a storm go on after its last connect, ms; the way to the manager is what costs time. */
  async function lag(presence?: Partial<ActionSettings>): Promise<number> {
    const fleet = await begin('5.8', 500, { presence, roundTripMs: 10 });
    await test.emqx.addClients(fleet, { perSecond: 500 });
    const allThere = performance.now();
    await test.emqx.webhooks.settled();
    const told = performance.now();
    expect(await test.held()).to.deep.equal(test.truth());
    return told - allThere;
  }

  it('is right soon after the last of a storm has connected, and would not be one after the other', async () => {
    const sideBySide = await lag();
    await test.close();
    const oneAfterTheOther = await lag({ window: 1 });
    expect(sideBySide).to.be.below(oneAfterTheOther / 3);
  });

  for (const version of ['5.0', '5.8', '6.2'] as const) {
    it(`ends with the truth whatever their order is, and takes no live gateway for gone (${version})`, async () => {
      const fleet = await begin(version, 100);
      const { emqx, manager } = test;
      const leavers = new Set(fleet.filter((_, index) => index % 4 === 0));
      const wentOffline = new Set<string>();
      emqx.webhooks.hold();
      for (let round = 0; round < 4; round += 1) {
        await emqx.addClients(fleet);
        await emqx.removeClients(round < 3 ? fleet : [...leavers]);
      }
      // After the connect of the last session nothing may turn its gateway off again.
      const lastConnect = new Map<string, number>();
      for (const { event, clientid, body } of emqx.webhooks.held()) {
        if (event === 'client.connected') lastConnect.set(clientid, Number(body.connected_at));
      }
      const seen = new Set<string>();
      manager.events.on('presence', ({ clientid, status, since }) => {
        if (status === 'online' && Date.parse(since ?? '') === lastConnect.get(clientid)) seen.add(clientid);
        if (status === 'offline' && seen.has(clientid)) wentOffline.add(clientid);
      });
      await emqx.webhooks.release(
        (held: readonly Delivery[]) => shuffled([...held, ...held.slice(0, 100)]),
        shippedSettings('tpedm_presence').connections,
      );
      await test.untilTrue();
      expect(await test.held()).to.deep.equal(fleet.filter((clientid) => !leavers.has(clientid)).sort());
      expect([...wentOffline].filter((clientid) => !leavers.has(clientid))).to.deep.equal([]);
    });
  }
});

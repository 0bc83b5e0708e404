import { expect } from 'chai';
import type { BrokerNode } from '../../../nodes/manager/broker/broker.js';
import { createCountDrift } from '../../../nodes/manager/presence/count-drift.js';
import { type ClusterSite, fleetOf, openClusterSite } from '../../support/cluster-site.js';
import { opener } from '../../support/databases.js';
import { patience } from '../../support/patience.js';

describe('presence: a broker that counts other clients than we hold', () => {
  function rig() {
    let online = 40;
    const drift = createCountDrift({
      query: async () => [{ online }] as never,
    });
    const look = (...counts: (number | null)[]) =>
      drift.look(
        counts.map(
          (connected, index): BrokerNode => ({
            name: `n${index}`,
            isRunning: true,
            connected,
            began: null,
          }),
        ),
      );
    const hold = (count: number) => {
      online = count;
    };
    return { drift, look, hold };
  }

  it('is compared with when that stays so, and not for clients that are none of ours', async () => {
    const { drift, look, hold } = rig();
    drift.compared(0);
    // Three clients that are no gateways.
    for (const _ of [1, 2, 3]) expect(await look(20, 23)).to.equal(false);
    // One connects; its event is on its way, and then here.
    expect(await look(20, 24)).to.equal(false);
    hold(41);
    expect(await look(20, 24)).to.equal(false);
    expect(await look(20, 24)).to.equal(false);
    // One is gone, and nobody told of it.
    expect(await look(20, 23)).to.equal(false);
    expect(await look(20, 23)).to.equal(true);
    expect(await look(20, 23), 'once').to.equal(false);
    hold(40);
    drift.compared(1);
    for (const _ of [1, 2, 3]) expect(await look(20, 23)).to.equal(false);
  });

  it('is not compared with by nodes that do not count', async () => {
    const { look, hold } = rig();
    for (const count of [40, 30, 30]) {
      hold(count);
      expect(await look(40, null)).to.equal(false);
      expect(await look()).to.equal(false);
    }
  });

  it('is compared with less and less often where other clients come and go', async () => {
    const { drift, look } = rig();
    let asked = 0;
    // Within one moment by the clock: once is all that may be.
    for (let round = 0; round < 100; round += 1) {
      for (const _ of [1, 2]) {
        if (!(await look(100 + round))) continue;
        asked += 1;
        drift.compared(0);
      }
    }
    expect(asked).to.equal(1);
  });
});

describe('presence: a gateway whose end nobody tells, and that nobody asks', () => {
  const fresh = opener('pglite');
  let site: ClusterSite;
  afterEach(() => site.close());

  it('is found by the number of clients, long before the next comparison', async () => {
    site = await openClusterSite(1, '5.8', await fresh.options());
    const [node] = site.cluster.nodes;
    const { keeper, broker } = await site.keep(node!.apiUrl);
    const fleet = fleetOf('gw', 30);
    await site.connect(0, fleet);
    keeper.start();
    await site.untilOnline(fleet);
    await site.pass(0);
    // A look at the nodes after the comparison, so that it is known how many they usually have.
    await new Promise<void>((resolve) => broker.onNodes(() => resolve()));
    await node!.emqx.removeClients(['gw-001'], { isSilent: true });
    const before = Date.now();
    await site.untilOnline(fleet.slice(1));
    expect(Date.now() - before).to.be.below(patience(60_000));
    expect(keeper.health()).to.include({ corrected: 1 });
  });
});

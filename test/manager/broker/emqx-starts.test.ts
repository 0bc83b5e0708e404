import { expect } from 'chai';
import type { BrokerNode } from '../../../nodes/manager/broker/broker.js';
import { toBrokerNodes } from '../../../nodes/manager/broker/emqx/nodes.js';
import { createStartWatch } from '../../../nodes/manager/broker/emqx/starts.js';

/** Since the look goes by the clock, ms. */
const CLOSE = 60_000;

describe('when the nodes of EMQX began', () => {
  it('is read as each version writes it, and unknown where it makes no sense', () => {
    const uptimes = {
      a: 353_806,
      b: '1 minutes, 48 seconds',
      c: '2 days, 3 hours, 4 minutes, 5 seconds',
      d: 'long ago',
      e: -1,
      f: undefined,
    };
    const items = Object.entries(uptimes).map(([node, uptime]) => ({ node, node_status: 'running', uptime }));
    const nodes = toBrokerNodes(items, performance.now());
    const ages = nodes.map(({ began }) => began && performance.now() - began.before);
    const wanted = [353_806, 108_000, (2 * 86_400 + 3 * 3600 + 4 * 60 + 5) * 1000];
    for (const [index, age] of wanted.entries()) expect(ages[index]).to.be.within(age, age + CLOSE);
    expect(ages.slice(wanted.length)).to.deep.equal([null, null, null]);
  });

  it('is told once for each start, also of a node that was away for no look at all', () => {
    const now = performance.now();
    const told: number[] = [];
    const watch = createStartWatch((at) => void told.push(Math.round(Date.now() - at)));
    watch([node('a', now - 90_000), node('unknown', null)]);
    watch([node('a', now - 89_100)]);
    watch([]);
    // Ten seconds until EMQX answered: at whichever moment of them it counted.
    watch([node('a', now - 89_100, 10_000)]);
    watch([node('a', now - 30_000), node('b', now - 60_000)]);
    for (const [index, age] of [90_000, 30_000, 60_000].entries()) {
      expect(told[index]).to.be.within(age, age + CLOSE);
    }
    expect(told).to.have.length(3);
  });
});

/** One that began in the `wide` ms behind that moment. */
function node(name: string, after: number | null, wide = 0): BrokerNode {
  const began = after === null ? null : { after, before: after + wide };
  return { name, isRunning: true, connected: 0, began };
}

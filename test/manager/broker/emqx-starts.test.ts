import { expect } from 'chai';
import type { BrokerNode } from '../../../nodes/manager/broker/broker.js';
import { toBrokerNodes } from '../../../nodes/manager/broker/emqx-nodes.js';
import { createStartWatch } from '../../../nodes/manager/broker/emqx-starts.js';

const NOW = 1_795_938_800_000;
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
    const ages = toBrokerNodes(items).map(({ startedAt }) => startedAt && Date.now() - startedAt);
    const wanted = [353_806, 108_000, (2 * 86_400 + 3 * 3600 + 4 * 60 + 5) * 1000];
    for (const [index, age] of wanted.entries()) expect(ages[index]).to.be.within(age, age + CLOSE);
    expect(ages.slice(wanted.length)).to.deep.equal([null, null, null]);
  });

  it('is told once for each start, also of a node that was away for no look at all', () => {
    const told: number[] = [];
    const watch = createStartWatch((at) => void told.push(at));
    watch([node('a', NOW), node('unknown', null)]);
    watch([node('a', NOW + 900)]);
    watch([]);
    watch([node('a', NOW + 60_000), node('b', NOW)]);
    expect(told).to.deep.equal([NOW, NOW + 60_000, NOW]);
  });
});

function node(name: string, startedAt: number | null): BrokerNode {
  return { name, isRunning: true, connected: 0, startedAt };
}

import { expect } from 'chai';
import { createStartWatch, startsOf } from '../../../nodes/manager/broker/emqx-starts.js';

const NOW = 1_795_938_800_000;

describe('when the nodes of EMQX began', () => {
  it('is read as each version writes it, and left out where it makes no sense', () => {
    const nodes = [
      { node: 'a', uptime: 353_806 },
      { node: 'b', uptime: '1 minutes, 48 seconds' },
      { node: 'c', uptime: '2 days, 3 hours, 4 minutes, 5 seconds' },
      { node: 'd', uptime: 'long ago' },
      { node: 'e', uptime: -1 },
      { node: 'f' },
      { uptime: 5 },
      null,
      'g',
    ];
    expect(startsOf(nodes, NOW)).to.deep.equal([
      { node: 'a', at: NOW - 353_806 },
      { node: 'b', at: NOW - 108_000 },
      { node: 'c', at: NOW - (2 * 86_400 + 3 * 3600 + 4 * 60 + 5) * 1000 },
    ]);
  });

  it('is told once for each start, also of a node that was away for no look at all', () => {
    const told: number[] = [];
    const watch = createStartWatch((at) => void told.push(at));
    watch([{ node: 'a', at: NOW }]);
    watch([{ node: 'a', at: NOW + 900 }]);
    watch([]);
    watch([
      { node: 'a', at: NOW + 60_000 },
      { node: 'b', at: NOW },
    ]);
    expect(told).to.deep.equal([NOW, NOW + 60_000, NOW]);
  });
});

import type { BrokerNode } from '../broker.js';
import { hasRestarted } from '../node-changes.js';

/** Finds out which of the nodes began since the last look; at the first look all of them did. `onStart` gets ms since the epoch. */
export function createStartWatch(onStart: (at: number) => void): (nodes: readonly BrokerNode[]) => void {
  const known = new Map<string, BrokerNode>();
  return (nodes) => {
    for (const node of nodes) {
      if (node.began === null) continue;
      const before = known.get(node.name);
      known.set(node.name, node);
      if (before !== undefined && !hasRestarted(before, node)) continue;
      onStart(Date.now() - (performance.now() - node.began.before));
    }
  };
}

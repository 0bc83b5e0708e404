import type { BrokerNode } from '../broker.js';
import { hasRestarted } from '../node-changes.js';

/**
 * Creates a function that takes the nodes of each check, and calls `onStart` for each node that is new or has restarted since the check
 * before; at the first check all are new. `onStart` gets the time of the start in ms since the epoch.
 */
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

import type { BrokerNode } from './broker.js';

/** Two looks at one start are never quite the same. */
const SAME_START_MS = 5000;

/** Finds out which of the nodes began since the last look; at the first look all of them did. `onStart` gets ms since the epoch. */
export function createStartWatch(onStart: (at: number) => void): (nodes: readonly BrokerNode[]) => void {
  const known = new Map<string, number>();
  return (nodes) => {
    for (const { name, startedAt } of nodes) {
      if (startedAt === null) continue;
      const before = known.get(name);
      if (before !== undefined && Math.abs(startedAt - before) <= SAME_START_MS) continue;
      known.set(name, startedAt);
      onStart(startedAt);
    }
  };
}

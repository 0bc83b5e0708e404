import type { BrokerNode } from './broker.js';

/** So much two readings of one node's start may differ, ms: the answer took its time, and EMQX 4 counts seconds. */
const SAME_START_MS = 1500;

/**
 * Why clients may have come or gone between two looks without our being told, for a person; null where nothing points to it.
 * A node that restarts loses the events that it had not sent, also when it is back before anybody missed it.
 */
export function changeOfNodes(before: readonly BrokerNode[], now: readonly BrokerNode[]): string | null {
  for (const node of now) {
    const change = changeOf(
      before.find(({ name }) => name === node.name),
      node,
    );
    if (change !== null) return `${node.name} ${change}`;
  }
  const gone = before.find(({ name }) => now.every((node) => node.name !== name));
  return gone === undefined ? null : `${gone.name} left the cluster`;
}

function changeOf(before: BrokerNode | undefined, now: BrokerNode): string | null {
  if (before === undefined) return 'joined the cluster';
  if (before.isRunning !== now.isRunning) return now.isRunning ? 'is back' : 'stopped';
  if (before.startedAt === null || now.startedAt === null) return null;
  return now.startedAt - before.startedAt > SAME_START_MS ? 'restarted' : null;
}

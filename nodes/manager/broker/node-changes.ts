import type { BrokerNode } from './broker.js';

/** So much two readings of one node's start may differ, ms: EMQX 4 counts seconds, and two clocks run apart. */
const SAME_START_MS = 1500;

/** Whether the node began anew between two looks, however long each of them took. */
export function hasRestarted(before: BrokerNode, now: BrokerNode): boolean {
  return before.began !== null && now.began !== null && now.began.after - before.began.before > SAME_START_MS;
}

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
  return hasRestarted(before, now) ? 'restarted' : null;
}

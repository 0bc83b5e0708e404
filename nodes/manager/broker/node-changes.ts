import type { BrokerNode } from './broker.js';

/** Two readings of the same start of a node differ by this much at most, ms: EMQX 4 counts in seconds, and two clocks drift apart. */
const SAME_START_MS = 1500;

/** True if the node restarted between two readings of it. A slow reading gives a wider time span, which is taken into account. */
export function hasRestarted(before: BrokerNode, now: BrokerNode): boolean {
  return before.began !== null && now.began !== null && now.began.after - before.began.before > SAME_START_MS;
}

/**
 * Says for a person which change of the nodes between two readings may have lost events of clients; null if there is none. A node that
 * restarts loses the events that it had not sent yet, even if it is back before the manager noticed that it was gone.
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

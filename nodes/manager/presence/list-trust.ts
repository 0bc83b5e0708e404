import type { BrokerNode } from '../broker/broker.js';
import { connectionReason } from '../registry/connection-reasons.js';
import type { Reason } from '../shared/reason.js';

// The rules for trusting the broker's list of clients. Only a trusted list may set a gateway offline without an event.

/**
 * For this time after a node was first missed, a list without its clients is not trusted, ms. A gateway whose node died notices
 * it by its keepalive (60 s, so after 90 s at the latest) and connects to another node, and a node that restarts is back within
 * a minute or two. So a gateway that has not come back after three minutes is offline. As long as any manager sees the node
 * running, or the node sends events, it is not dead but out of reach, as in a network split, and its clients keep their status.
 */
export const HOLD_MS = 3 * 60_000;

/** How much shorter than the nodes' own counts the list may be, since clients come and go while both are read. */
const SLACK = { clients: 10, share: 0.05 };

/** Why the list sets no gateway offline now. */
export type ListDoubt =
  /** These nodes ran a short time ago, but the node that we query does not reach them. */
  | { kind: 'nodes-away'; nodes: string[] }
  /** The list has fewer clients than the nodes count. */
  | { kind: 'list-short'; listed: number; counted: number };

/**
 * How long every manager has missed each node that ran within the last day, ms by node name; 0 if any manager sees it running.
 */
export type Sightings = ReadonlyMap<string, number>;

/**
 * The names of the missed nodes, sorted: nodes that ran before, have been missed for at most HOLD_MS, and are not running
 * according to the node that we query.
 */
export function missedNodes(nodes: readonly BrokerNode[], sightings: Sightings): string[] {
  if (nodes.length === 0) return [];
  const missed: string[] = [];
  for (const [name, missedMs] of sightings) {
    if (missedMs > HOLD_MS) continue;
    const node = nodes.find((one) => one.name === name);
    // A single node under a new name is a broker that was set up again, so the old name is not missed.
    if (node === undefined ? nodes.length > 1 : !node.isRunning) missed.push(name);
  }
  return missed.sort();
}

/** The sum of the client counts of all running nodes; null where there are no nodes, or one of them reports no count. */
export function countOf(nodes: readonly BrokerNode[]): number | null {
  let sum = 0;
  for (const { isRunning, connected } of nodes) {
    if (!isRunning) continue;
    if (connected === null) return null;
    sum += connected;
  }
  return nodes.length === 0 ? null : sum;
}

/**
 * The least number of clients that a complete list has, by the lower of the counts before and after the list was read. Null where
 * the nodes report no counts.
 */
export function leastListed(before: readonly BrokerNode[], after: readonly BrokerNode[]): number | null {
  const [first, last] = [countOf(before), countOf(after)];
  if (first === null || last === null) return null;
  const counted = Math.min(first, last);
  return counted - Math.max(SLACK.clients, Math.ceil(counted * SLACK.share));
}

/**
 * Decides whether a list with `listed` clients can be trusted, by the nodes as read `before` and `after` the list and by what
 * all managers have seen of them. Null: it can be trusted.
 */
export function doubtOf(reading: {
  before: readonly BrokerNode[];
  after: readonly BrokerNode[];
  listed: number;
  sightings: Sightings;
}): ListDoubt | null {
  const { before, after, listed, sightings } = reading;
  const nodes = [...new Set([...missedNodes(before, sightings), ...missedNodes(after, sightings)])].sort();
  if (nodes.length > 0) return { kind: 'nodes-away', nodes };
  const least = leastListed(before, after);
  if (least === null || listed >= least) return null;
  return { kind: 'list-short', listed, counted: Math.min(countOf(before)!, countOf(after)!) };
}

/** Says for a person that presence is not confirmed: the warning beside a gateway, and a part of the log line. */
export function doubtReason(doubt: ListDoubt): Reason {
  if (doubt.kind === 'nodes-away')
    return connectionReason('broker-node-away', { node: doubt.nodes.join(', ') });
  const { listed, counted } = doubt;
  return connectionReason('broker-list-short', { listed, counted });
}

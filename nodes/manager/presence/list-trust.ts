import type { BrokerNode } from '../broker/broker.js';

// The rules by which the broker's list of clients is believed: a gateway goes offline by the list alone only where they hold.

/**
 * So long after a node was first missed the list without its clients is not believed, ms. A gateway whose node died notices it
 * by its keepalive (60 s, so after 90 s at the latest) and connects elsewhere, and a node that restarts is back within a
 * minute or two: after three minutes who has not come back is offline. As long as any manager sees the node running, or it
 * sends events, it is not dead but out of reach, as in a split, and its clients stay as they are.
 */
export const HOLD_MS = 3 * 60_000;

/** So far the list may fall behind the nodes' own counts: clients come and go while both are read. */
const SLACK = { clients: 10, share: 0.05 };

/** Why the list marks no gateway offline now. */
export type ListDoubt =
  /** These nodes ran a moment ago, and the node that we ask does not reach them. */
  | { kind: 'nodes-away'; nodes: string[] }
  /** The list has fewer clients than the nodes count. */
  | { kind: 'list-short'; listed: number; counted: number };

/** For how long each node that ran within the last day has been missed by every manager, ms; 0 for one that somebody sees running. */
export type Sightings = ReadonlyMap<string, number>;

/** The nodes that are missed: they ran before, were missed for less than HOLD_MS, and the node that we ask has them not running. */
export function missedNodes(nodes: readonly BrokerNode[], sightings: Sightings): string[] {
  if (nodes.length === 0) return [];
  const missed: string[] = [];
  for (const [name, missedMs] of sightings) {
    if (missedMs > HOLD_MS) continue;
    const node = nodes.find((one) => one.name === name);
    // A broker of one node with a new name was set up anew: no node is missing.
    if (node === undefined ? nodes.length > 1 : !node.isRunning) missed.push(name);
  }
  return missed.sort();
}

/** What the running nodes count together; null where one of them does not say. */
export function countOf(nodes: readonly BrokerNode[]): number | null {
  let sum = 0;
  for (const { isRunning, connected } of nodes) {
    if (!isRunning) continue;
    if (connected === null) return null;
    sum += connected;
  }
  return nodes.length === 0 ? null : sum;
}

/** How many clients the list must have: by the lower of the counts before and after it was read. Null: they do not say. */
export function leastListed(before: readonly BrokerNode[], after: readonly BrokerNode[]): number | null {
  const [first, last] = [countOf(before), countOf(after)];
  if (first === null || last === null) return null;
  const counted = Math.min(first, last);
  return counted - Math.max(SLACK.clients, Math.ceil(counted * SLACK.share));
}

/** Null where the list is believed. */
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

/** For a person, as the warning beside a gateway and in the log. */
export function doubtWords(doubt: ListDoubt): string {
  if (doubt.kind === 'list-short') {
    return `not confirmed: the broker lists ${doubt.listed} clients, but its nodes count ${doubt.counted}`;
  }
  return `not confirmed: the broker's node ${doubt.nodes.join(', ')} cannot be reached`;
}

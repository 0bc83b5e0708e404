import type { Broker, BrokerNode } from '../broker/broker.js';
import { changeOfNodes } from '../broker/node-changes.js';
import type { Database } from '../database/database.js';
import type { Reason } from '../shared/reason.js';
import { createCountDrift } from './count-drift.js';
import { createListJudge } from './judge-list.js';
import { doubtReason, type ListDoubt, missedNodes } from './list-trust.js';
import type { JudgeList } from './reconcile.js';

export interface ListDoubtsOptions {
  database: Database;
  broker: Pick<Broker, 'onNodes' | 'canBeAsked'>;
  closing: AbortSignal;
  /** Called when clients may have come or gone without an event, so that presence has to be compared. */
  checkSoon(): void;
  onFault(text: string): void;
  /** Called when the doubt has changed, or has ended. */
  onChange(): void;
}

/** Whether the broker's list of clients can be trusted, by what is known of the broker's nodes. */
export interface ListDoubts {
  judge: JudgeList;
  /** Sets the doubt that a comparison found; null: the list can be trusted. */
  set(doubt: ListDoubt | null): void;
  /** Call it when a comparison has ended, with the number of gateways that it corrected. */
  compared(corrected: number): void;
  /** Call it with the node that sent an event, if known: a missed node that still sends events is running. */
  noteSender(node: string | null): void;
  /** Why the list cannot be trusted, for a person; null if it can. */
  reason(): Reason | null;
  /** As `reason`, but null while the broker cannot be queried. */
  shown(): Reason | null;
}

/** Follows the nodes of a broker, and distrusts its list of clients while nodes are missed. */
export function createListDoubts(options: ListDoubtsOptions): ListDoubts {
  const { database, broker, closing, checkSoon, onFault, onChange } = options;
  const lists = createListJudge(database);
  const drift = createCountDrift(database);
  let doubt: ListDoubt | null = null;
  let said: Reason | null = null;
  let lastNodes: readonly BrokerNode[] | null = null;
  broker.onNodes((nodes) => void followNodes(nodes));

  /** A missed node that sends events is alive, but a network split keeps it from the node that we query. */
  function noteSender(node: string | null): void {
    if (node === null || doubt?.kind !== 'nodes-away' || !doubt.nodes.includes(node)) return;
    lists.sightings.alive(node).catch(() => undefined);
  }

  function set(next: ListDoubt | null): void {
    doubt = next;
    const reason = next === null ? null : doubtReason(next);
    if (reason?.text === said?.text) return;
    said = reason;
    if (reason !== null)
      onFault(`Who is online is ${reason.text}. Meanwhile its list sets no gateway offline.`);
    onChange();
  }

  /** Only one manager compares, but each follows the nodes, so that all of them show people the same doubt. */
  async function followNodes(nodes: readonly BrokerNode[]): Promise<void> {
    const change = lastNodes === null ? null : changeOfNodes(lastNodes, nodes);
    lastNodes = nodes;
    if (change !== null) checkSoon();
    try {
      const missed = missedNodes(nodes, await lists.sightings.look(nodes));
      if (closing.aborted) return;
      if (missed.length > 0) return set({ kind: 'nodes-away', nodes: missed });
      if (doubt?.kind === 'nodes-away') {
        // The nodes are back, or have been missed for so long that they count as gone.
        set(null);
        checkSoon();
      } else if (doubt === null && (await drift.look(nodes))) checkSoon();
    } catch {
      // The database is away, which is reported elsewhere.
    }
  }

  return {
    judge: lists.judge,
    set,
    compared: drift.compared,
    noteSender,
    reason: () => said,
    // A doubt from before the broker went away is outdated. Presence then says for which time it is known.
    shown: () => (broker.canBeAsked() ? said : null),
  };
}

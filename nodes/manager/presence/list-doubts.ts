import type { Broker, BrokerNode } from '../broker/broker.js';
import { changeOfNodes } from '../broker/node-changes.js';
import type { Database } from '../database/database.js';
import { createCountDrift } from './count-drift.js';
import { createListJudge } from './judge-list.js';
import { doubtWords, type ListDoubt, missedNodes } from './list-trust.js';
import type { JudgeList } from './reconcile.js';

export interface ListDoubtsOptions {
  database: Database;
  broker: Pick<Broker, 'onNodes' | 'canBeAsked'>;
  closing: AbortSignal;
  /** Clients may have come or gone without a word: presence is to be compared. */
  checkSoon(): void;
  onFault(text: string): void;
  /** Told when the doubt is another one, or none. */
  onChange(): void;
}

/** Whether the broker's list of clients can be believed, by what is known of its nodes. */
export interface ListDoubts {
  judge: JudgeList;
  /** What a comparison found; null: the list is to be believed. */
  set(doubt: ListDoubt | null): void;
  /** A comparison corrected so many. */
  compared(corrected: number): void;
  noteSender(node: string | null): void;
  /** Why it cannot be believed, for a person; null where it can. */
  words(): string | null;
  /** The same, while the broker can be asked. */
  shown(): string | null;
}

/** Follows the nodes of a broker, and doubts its list while some are missed. */
export function createListDoubts(options: ListDoubtsOptions): ListDoubts {
  const { database, broker, closing, checkSoon, onFault, onChange } = options;
  const lists = createListJudge(database);
  const drift = createCountDrift(database);
  let doubt: ListDoubt | null = null;
  let said: string | null = null;
  let lastNodes: readonly BrokerNode[] | null = null;
  broker.onNodes((nodes) => void followNodes(nodes));

  /** A node that we miss, and that sends events, lives beyond a split. */
  function noteSender(node: string | null): void {
    if (node === null || doubt?.kind !== 'nodes-away' || !doubt.nodes.includes(node)) return;
    lists.sightings.alive(node).catch(() => undefined);
  }

  function set(next: ListDoubt | null): void {
    doubt = next;
    const words = next === null ? null : doubtWords(next);
    if (words === said) return;
    said = words;
    if (words !== null) onFault(`Who is online is ${words}. Meanwhile its list sets no gateway offline.`);
    onChange();
  }

  /** Each manager sees the nodes by itself: who does not compare shows people the same doubt. */
  async function followNodes(nodes: readonly BrokerNode[]): Promise<void> {
    const change = lastNodes === null ? null : changeOfNodes(lastNodes, nodes);
    lastNodes = nodes;
    if (change !== null) checkSoon();
    try {
      const missed = missedNodes(nodes, await lists.sightings.look(nodes));
      if (closing.aborted) return;
      if (missed.length > 0) return set({ kind: 'nodes-away', nodes: missed });
      if (doubt?.kind === 'nodes-away') {
        // The nodes are back, or gone for good.
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
    words: () => said,
    // What was wrong with the list when the broker went says nothing of it now: presence says as of when it is known.
    shown: () => (broker.canBeAsked() ? said : null),
  };
}

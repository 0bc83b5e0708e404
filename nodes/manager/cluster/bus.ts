import type { Database } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { type ClusterMessage, readClusterMessage, writeClusterMessage } from './messages.js';

/** The message bus between the managers on one database. */
export interface Bus {
  /** Sends a message to the other managers soon, and never fails. A lost message is harmless, since its content is in the database. */
  broadcast(kind: ClusterMessage['kind'], about: string | null, more: string | null): void;
  close(): Promise<void>;
}

export interface BusOptions {
  database: Database;
  instance: string;
  onMessage(message: ClusterMessage): void;
  /** Called when messages may have been lost, so that the database must be read. */
  onGap(): void;
}

const CHANNEL = 'tpedm';
const MAX_BATCH = 2000;
const MAX_WAITING = 20_000;
/** Nobody waits until it is on the disk: what the news are about is there already, and a server that stops ends all listening. */
const NOTIFY = `
  select set_config('synchronous_commit', 'off', true), pg_notify('${CHANNEL}', text)
  from unnest($1::text[]) as news (text)`;

/** What may come a tenth of a second later: pages of other managers show it, and what waits there for a gateway goes on. */
const UNHURRIED: ReadonlySet<Kind> = new Set(['presence', 'device', 'guard']);
/** The least time between two notifications of such news, ms. Each one costs every other manager a statement. */
const BATCH_EVERY_MS = 100;

type Kind = ClusterMessage['kind'];
type Item = ClusterMessage['items'][number];

/** Creates the bus. It does nothing for a database that no other process can share. */
export function createBus({ database, instance, onMessage, onGap }: BusOptions): Bus {
  if (database.listen === null) return { broadcast: () => undefined, close: async () => undefined };
  const listening = database.listen(CHANNEL, {
    onNotification(payload) {
      const message = readClusterMessage(instance, payload);
      if (message !== null) onMessage(message);
    },
    onListening: onGap,
  });
  // NOTIFY has a statement of its own, since it locks out other NOTIFYs in the whole database until its transaction ends.
  const notifications = createGroupCommit<ClusterMessage, undefined>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    async write(messages) {
      await database.queryKept(NOTIFY, [textsOf(instance, messages)]);
      return messages.map(() => undefined);
    },
  });
  const send = (message: ClusterMessage) => void notifications.add(message).catch(() => undefined);
  const unhurried = inBatches(send);
  return {
    broadcast(kind, about, more) {
      if (UNHURRIED.has(kind)) unhurried.add(kind, [about, more]);
      else send({ kind, items: [[about, more]] });
    },
    async close() {
      unhurried.flush();
      await notifications.close();
      await listening.close();
    },
  };
}

/** Passes on the first item at once, and those that follow soon together: one message of each kind. */
function inBatches(send: (message: ClusterMessage) => void): {
  add(kind: Kind, item: Item): void;
  flush(): void;
} {
  const waiting = new Map<Kind, Item[]>();
  let timer: NodeJS.Timeout | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    sentAt = performance.now();
    for (const [kind, items] of waiting) send({ kind, items });
    waiting.clear();
  }

  return {
    flush,
    add(kind, item) {
      const items = waiting.get(kind);
      if (items === undefined) waiting.set(kind, [item]);
      else items.push(item);
      if (timer !== undefined) return;
      const restMs = sentAt + BATCH_EVERY_MS - performance.now();
      if (restMs <= 0) flush();
      else timer = setTimeout(flush, restMs);
    },
  };
}

/** Returns the payloads of a batch, without duplicates. */
function textsOf(instance: string, messages: readonly ClusterMessage[]): string[] {
  const kinds = new Map<Kind, Set<string>>();
  for (const { kind, items } of messages) {
    const distinct = kinds.get(kind) ?? new Set();
    kinds.set(kind, distinct);
    for (const item of items) distinct.add(JSON.stringify(item));
  }
  return [...kinds].flatMap(([kind, distinct]) => writeClusterMessage(instance, kind, distinct));
}

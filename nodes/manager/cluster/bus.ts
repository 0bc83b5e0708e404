import type { Database } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { type ClusterMessage, readClusterMessage, writeClusterMessage } from './messages.js';

/** The message bus between the managers on one database. */
export interface Bus {
  /** Sends a message to the others, soon; never rejects. A lost message is harmless: its content is in the database. */
  broadcast(kind: ClusterMessage['kind'], about: string | null, more: string | null): void;
  close(): Promise<void>;
}

export interface BusOptions {
  database: Database;
  instance: string;
  onMessage(message: ClusterMessage): void;
  /** Called when messages may have been lost: reconcile with the database. */
  onGap(): void;
}

const CHANNEL = 'tpedm';
const MAX_BATCH = 2000;
const MAX_WAITING = 20_000;
const NOTIFY = `select pg_notify('${CHANNEL}', text) from unnest($1::text[]) as news (text)`;

interface Item {
  kind: ClusterMessage['kind'];
  about: string | null;
  more: string | null;
}

/** A database that no other process can share needs no bus: then this does nothing. */
export function createBus({ database, instance, onMessage, onGap }: BusOptions): Bus {
  if (database.listen === null) return { broadcast: () => undefined, close: async () => undefined };
  const listening = database.listen(CHANNEL, {
    onNotification(payload) {
      const message = readClusterMessage(instance, payload);
      if (message !== null) onMessage(message);
    },
    onListening: onGap,
  });
  // A statement of its own, since NOTIFY takes a lock of the whole database that ends with its transaction.
  const notifications = createGroupCommit<Item, undefined>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    async write(items) {
      await database.queryBatch(items.length, NOTIFY, [textsOf(instance, items)]);
      return items.map(() => undefined);
    },
  });
  return {
    broadcast(kind, about, more) {
      notifications.add({ kind, about, more }).catch(() => undefined);
    },
    async close() {
      await notifications.close();
      await listening.close();
    },
  };
}

/** Removes duplicates within a batch. */
function textsOf(instance: string, items: readonly Item[]): string[] {
  const kinds = new Map<ClusterMessage['kind'], Map<string, ClusterMessage['items'][number]>>();
  for (const { kind, about, more } of items) {
    const distinct = kinds.get(kind) ?? new Map();
    kinds.set(kind, distinct.set(JSON.stringify([about, more]), [about, more]));
  }
  return [...kinds].flatMap(([kind, distinct]) =>
    writeClusterMessage(instance, { kind, items: [...distinct.values()] }),
  );
}

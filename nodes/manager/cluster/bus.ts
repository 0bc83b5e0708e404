import type { Database } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { type News, readNews, writeNews } from './messages.js';

/** How the managers on one database tell each other what they have written there. */
export interface Bus {
  /** Tells the others, soon; never rejects. What is lost on the way is in the database all the same. */
  tell(kind: News['kind'], about: string | null, more: string | null): void;
  close(): Promise<void>;
}

export interface BusOptions {
  database: Database;
  instance: string;
  onNews(news: News): void;
  /** News may have been missed: look for yourself. */
  onGap(): void;
}

const CHANNEL = 'tpedm';
const MAX_BATCH = 2000;
const MAX_WAITING = 20_000;
const NOTIFY = `select pg_notify('${CHANNEL}', text) from unnest($1::text[]) as news (text)`;

interface Item {
  kind: News['kind'];
  about: string | null;
  more: string | null;
}

/** A database that no other process can share needs no bus: then it does nothing. */
export function createBus({ database, instance, onNews, onGap }: BusOptions): Bus {
  if (database.listen === null) return { tell: () => undefined, close: async () => undefined };
  const listening = database.listen(CHANNEL, {
    onNotification(payload) {
      const news = readNews(instance, payload);
      if (news !== null) onNews(news);
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
    tell(kind, about, more) {
      notifications.add({ kind, about, more }).catch(() => undefined);
    },
    async close() {
      await notifications.close();
      await listening.close();
    },
  };
}

/** The same thing told twice in a batch is told once. */
function textsOf(instance: string, items: readonly Item[]): string[] {
  const kinds = new Map<News['kind'], Map<string, News['items'][number]>>();
  for (const { kind, about, more } of items) {
    const distinct = kinds.get(kind) ?? new Map();
    kinds.set(kind, distinct.set(JSON.stringify([about, more]), [about, more]));
  }
  return [...kinds].flatMap(([kind, distinct]) =>
    writeNews(instance, { kind, items: [...distinct.values()] }),
  );
}

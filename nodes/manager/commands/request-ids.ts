import type { Database } from '../database/database.js';

const BLOCK = 100;

/**
 * Hands out request ids: decimal digits, from a sequence that all managers on one database share, so that no id
 * is ever used twice. They are fetched in blocks, and ids lost in a crash stay unused.
 */
export function createRequestIds(database: Database): () => Promise<string> {
  const free: string[] = [];
  let fetching: Promise<void> | null = null;

  async function fetchBlock(): Promise<void> {
    const rows = await database.query<{ id: string }>(
      "select nextval('tpe_request_id')::text as id from generate_series(1, $1)",
      [BLOCK],
    );
    free.push(...rows.map((row) => row.id));
  }

  return async () => {
    for (;;) {
      const id = free.shift();
      if (id !== undefined) return id;
      fetching ??= fetchBlock().finally(() => {
        fetching = null;
      });
      await fetching;
    }
  };
}

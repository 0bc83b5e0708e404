import type { Database } from '../database/database.js';

const BLOCK = 100;

/**
 * Creates a function that hands out request ids: decimal digits from a database sequence that all managers share, so that no id is ever
 * used twice. It fetches ids in blocks to save round trips; ids lost in a crash stay unused. The function rejects as the database does.
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

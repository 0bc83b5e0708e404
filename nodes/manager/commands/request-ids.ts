import type { Database } from '../database/database.js';

const BLOCK = 200;
/** With so many ids left, the next block is fetched, so that no command has to wait for it. */
const FEW = BLOCK / 2;

/**
 * Creates a function that hands out request ids: decimal digits from a database sequence that all managers share, so that no id is ever
 * used twice. It fetches ids in blocks, ahead of need, to save round trips; ids lost in a crash stay unused. The function rejects as the database does.
 */
export function createRequestIds(database: Database): () => Promise<string> {
  const free: string[] = [];
  let fetching: Promise<void> | null = null;
  let wanted = 0;

  async function fetchBlock(): Promise<void> {
    const rows = await database.query<{ id: string }>(
      "select nextval('tpe_request_id')::text as id from generate_series(1, $1)",
      [BLOCK + wanted],
    );
    free.push(...rows.map((row) => row.id));
  }

  function fetch(): Promise<void> {
    fetching ??= fetchBlock().finally(() => {
      fetching = null;
    });
    return fetching;
  }

  return async () => {
    wanted += 1;
    try {
      while (free.length === 0) await fetch();
    } finally {
      wanted -= 1;
    }
    const id = free.shift()!;
    // Who finds none left is told why.
    if (free.length < FEW) fetch().catch(() => undefined);
    return id;
  };
}

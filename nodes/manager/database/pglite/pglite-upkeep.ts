import type { Row } from '../database.js';

const STATEMENTS_BETWEEN = 100;
const MAX_WAL_BYTES = 64 * 1024 * 1024;

/** Tables with so many changes that their dead rows or old statistics cost more than the upkeep. */
const CHANGED_TABLES = `
  select format('%I.%I', stat.schemaname, stat.relname) as name
  from pg_stat_user_tables stat join pg_class on pg_class.oid = stat.relid
  where greatest(stat.n_dead_tup, stat.n_mod_since_analyze) > 500 + 0.2 * greatest(pg_class.reltuples, 0)`;
const WAL_BYTES = `
  select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::bigint as bytes from pg_control_checkpoint()`;

/**
 * PGlite has no background processes: nothing vacuums, refreshes statistics or cuts the write-ahead log, so tables and log would grow for
 * as long as it is open. The returned function counts statements and does all that every 100 of them. An error waits for the next time.
 */
export function createUpkeep(query: <R extends Row>(sql: string) => Promise<R[]>): () => void {
  let statements = 0;
  let running = false;

  async function run(): Promise<void> {
    await query('select pg_stat_force_next_flush()');
    for (const table of await query<Row & { name: string }>(CHANGED_TABLES)) {
      // In two statements, between which others have their turn: each of them stops the whole process.
      await query(`vacuum ${table.name}`);
      await query(`analyze ${table.name}`);
    }
    const [wal] = await query<Row & { bytes: number }>(WAL_BYTES);
    if (wal !== undefined && wal.bytes > MAX_WAL_BYTES) await query('checkpoint');
  }

  return () => {
    statements += 1;
    if (statements < STATEMENTS_BETWEEN || running) return;
    statements = 0;
    running = true;
    run()
      .catch(() => undefined)
      .finally(() => {
        running = false;
      });
  };
}

import type { Row } from '../database.js';

interface TableRow extends Row {
  name: string;
}

const STATEMENTS_BETWEEN = 100;
const MAX_WAL_BYTES = 64 * 1024 * 1024;

/** SQL: tables of which so many rows are dead, or have changed, that it costs more than the upkeep. */
const tablesWith = (rows: string) => `
  select format('%I.%I', stat.schemaname, stat.relname) as name
  from pg_stat_user_tables stat join pg_class on pg_class.oid = stat.relid
  where ${rows} > 500 + 0.2 * greatest(pg_class.reltuples, 0)`;
const CHANGED_TABLES = tablesWith('greatest(stat.n_dead_tup, stat.n_mod_since_analyze)');
const TABLES_WITH_DEAD = tablesWith('stat.n_dead_tup');
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
    // Each statement stops the whole process, and others have their turn in between. What an update left on its page was removed by the
    // next one there: reading statistics finds out how many rows are dead indeed, and mostly saves the vacuum, which takes ten times as long.
    await query('select pg_stat_force_next_flush()');
    for (const { name } of await query<TableRow>(CHANGED_TABLES)) await query(`analyze ${name}`);
    await query('select pg_stat_force_next_flush()');
    for (const { name } of await query<TableRow>(TABLES_WITH_DEAD)) await query(`vacuum ${name}`);
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

import type { Database, Row } from '../database/database.js';
import { pause } from '../shared/pause.js';
import { createPieceSize } from '../shared/piece-size.js';
import type { Kept } from './kept.js';

interface Piece extends Row {
  seen: number;
  old: number;
  gone: number;
  last: string | null;
}

const PIECES = { first: 500, least: 50, most: 5000 };
/** The pause after a piece is the time that it took plus so many ms, so that others get their share of the database. */
const LEAST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 1000;

/**
 * Removes rows of a table that are too old, beginning with the oldest, a piece with each statement. Resolves with how many rows were
 * removed. When it stops early, what was removed stays removed, and the next call goes on. `mayGoOn` is asked before each piece.
 */
export async function forget(
  database: Pick<Database, 'query'>,
  kept: Kept,
  mayGoOn: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<number> {
  const pieces = createPieceSize(PIECES);
  let from: string | null = null;
  let total = 0;
  while (!signal.aborted && (await mayGoOn())) {
    const rows = pieces.now();
    const begun = performance.now();
    const [piece] = await nextPiece(database, kept, rows, from);
    const ms = performance.now() - begun;
    if (piece === undefined) return total;
    total += piece.gone;
    if (piece.old === 0 || piece.seen < rows) return total;
    from = piece.last;
    pieces.took(ms, rows);
    await pause(Math.min(MAX_PAUSE_MS, ms + LEAST_PAUSE_MS), { signal });
  }
  return total;
}

/** Begins at the value where the last piece ended, and reads that value again, because several rows may have the same time. */
function nextPiece(
  database: Pick<Database, 'query'>,
  { table, key, along, since, days, unless = 'false' }: Kept,
  rows: number,
  from: string | null,
): Promise<Piece[]> {
  const { column, type } = along;
  const begin = from === null ? '' : `where ${column} >= $3::${type}`;
  const sql = `
    with piece as materialized (
      select ${key} as key, ${column} as place, ${since} < now() - make_interval(days => $1::integer) as is_old,
        (${unless}) as stays
      from ${table} ${begin} order by ${column} limit $2::integer
    ), gone as (
      delete from ${table} where ${key} = any(array(select key from piece where is_old and not stays))
        and not (${unless})
      returning 1
    )
    select count(*)::integer as seen, (count(*) filter (where is_old))::integer as old, max(place)::text as last,
      (select count(*) from gone)::integer as gone
    from piece`;
  return database.query<Piece>(sql, from === null ? [days, rows] : [days, rows, from]);
}

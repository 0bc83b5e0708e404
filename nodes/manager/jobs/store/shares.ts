import type { Queryable, Row } from '../../database/database.js';
import { createPieceSize } from '../../shared/piece-size.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { ExecutionState, WaitingFor } from '../execution.js';
import type { SiteShare } from '../job.js';

// What is counted of all executions of a job is counted in pieces, since the embedded database does nothing else meanwhile.

const PIECES = { first: 2000, least: 500, most: 20_000 };

interface Counted extends Row {
  count: number;
  last: string;
}

/** Counts piece by piece, in the order of client ids: the statement takes the job, where a piece begins, and how large it is. */
async function* countedInPieces<R extends Counted>(
  database: Queryable,
  sql: string,
  job: string,
): AsyncGenerator<R> {
  const pieces = createPieceSize(PIECES);
  for (let after = ''; ; ) {
    const limit = pieces.now();
    const from = after;
    const rows = await pieces.timed(limit, () => database.query<R>(sql, [job, from, limit]));
    yield* rows;
    const seen = rows.reduce((sum, { count }) => sum + count, 0);
    if (seen < limit) return;
    after = rows[0]!.last;
    await yieldToEventLoop();
  }
}

const WAITING = `
  with piece as materialized (
    select execution.clientid, execution.waiting_for, execution.site, execution.model from tpe_job_execution execution
    where execution.job = $1::bigint and execution.state = 'QUEUED' and execution.clientid > $2 order by execution.clientid limit $3)
  select piece.waiting_for, piece.site, piece.model, count(*)::integer as count, (select max(clientid) from piece) as last from piece
  group by piece.waiting_for, piece.site, piece.model`;

interface WaitingRow extends Counted {
  waiting_for: WaitingFor | null;
  site: string;
  model: string | null;
}

/** How many wait for what, by what their rows say, and by site and model; the same can come several times. */
export function countWaiting(database: Queryable, job: string): AsyncGenerator<WaitingRow> {
  return countedInPieces<WaitingRow>(database, WAITING, job);
}

const SITES = `
  with piece as materialized (
    select execution.clientid, execution.site, execution.state from tpe_job_execution execution
    where execution.job = $1::bigint and execution.clientid > $2 order by execution.clientid limit $3)
  select piece.site, piece.state, count(*)::integer as count, (select max(clientid) from piece) as last from piece
  group by piece.site, piece.state`;

interface SiteRow extends Counted {
  site: string;
  state: ExecutionState;
}

/** How many executions are in each state on each site, by the names of the sites. */
export async function siteShares(database: Queryable, job: string): Promise<SiteShare[]> {
  const sites = new Map<string, SiteShare>();
  for await (const { site, state, count } of countedInPieces<SiteRow>(database, SITES, job)) {
    const share = sites.get(site) ?? { site, counts: {} };
    share.counts[state] = (share.counts[state] ?? 0) + count;
    sites.set(site, share);
  }
  return [...sites.values()].sort((one, other) => (one.site < other.site ? -1 : 1));
}

import type { Queryable } from '../../database/database.js';
import type { JobRow } from './job-row.js';

// The rate of a job is a bucket in its row, so that all managers share it.

/** The burst of the bucket: what so many seconds of the rate give. */
const BURST_S = 2;
/** How old the tokens of a job are at most that has something to begin and is looked at, s; how late jobs are is measured by it. */
export const TOKENS_EACH_S = 30;

const TAKE_TOKENS = 'update tpe_job set tokens = $2, tokens_at = clock_timestamp() where id = $1::bigint';

/** A job with its bucket; `elapsed`: how old its tokens are, s. */
export type WithTokens = JobRow & { tokens: number; elapsed: number };

/** How many may begin now. A clock that was set back gives no tokens, and takes none. */
export function tokensOf({ tokens, elapsed, pace }: WithTokens): number {
  const perSecond = pace.maxPerMinute / 60;
  return Math.min(Math.max(1, perSecond * BURST_S), tokens + Math.max(0, elapsed) * perSecond);
}

/** They grow by themselves, so little is written while nothing begins, unless the time they count from is in the future. */
export async function takeTokens(
  transaction: Queryable,
  { id, elapsed }: WithTokens,
  tokens: number,
  taken: number,
) {
  if (taken === 0 && elapsed >= 0 && elapsed < TOKENS_EACH_S) return;
  await transaction.query(TAKE_TOKENS, [id, tokens - taken]);
}

import type { Database } from '../database/database.js';
import { yieldToEventLoop } from '../shared/yield-to-event-loop.js';
import type { Allowed, Asked } from './guard.js';
import { type Limits, limitsIn } from './limits.js';
import { SITE_SHARE, siteShares } from './site-sizes.js';

/** So many gateways are counted in one statement at most. */
const COUNTED_AT_ONCE = 10_000;

/**
 * Of what is asked, where the limits allow fewer gateways to be disturbed at once, and how many. Slots that are held now do not count, since
 * they come back.
 */
export async function fewerAllowed(
  database: Database,
  limits: Pick<Limits, 'list'>,
  asked: readonly Asked[],
): Promise<Allowed[]> {
  const limitOf = limitsIn(await limits.list());
  const fewer: Allowed[] = [];
  const byShare: Asked[] = [];
  for (const one of asked) {
    await yieldToEventLoop();
    const max = limitOf(one.scope, one.value);
    if (max !== null && max < one.count) fewer.push({ ...one, max });
    // One gateway of a site may always go.
    else if (max === null && one.scope === 'site' && one.count > 1) byShare.push(one);
  }
  for (const piece of inPieces(byShare)) {
    await yieldToEventLoop();
    const shares = await siteShares(
      database,
      piece.map(({ value, count }) => ({ site: value, upTo: count })),
    );
    for (const one of piece) {
      const max = shares.get(one.value) ?? 1;
      if (max < one.count) fewer.push({ ...one, max });
    }
  }
  return fewer;
}

function* inPieces(asked: readonly Asked[]): Generator<Asked[]> {
  let piece: Asked[] = [];
  let counted = 0;
  for (const one of asked) {
    piece.push(one);
    counted += SITE_SHARE * (one.count + 1);
    if (counted < COUNTED_AT_ONCE) continue;
    yield piece;
    piece = [];
    counted = 0;
  }
  if (piece.length > 0) yield piece;
}

import type { Queryable } from '../database/database.js';

/** Of the gateways of a site, one in so many may be disturbed at once, but at least one. */
export const SITE_SHARE = 5;

const SIZES = `
  select wanted.site, (select count(*) from (
    select from clientid_profile where clientid_profile.site = wanted.site limit wanted.most) as counted)::integer as size
  from unnest($1::text[], $2::integer[]) as wanted (site, most)`;

/**
 * How many gateways of each of these sites may be disturbed at once where nobody has set a limit. Where more than `upTo` may be, the number is
 * somewhere above it: no more gateways are counted than can matter.
 */
export async function siteShares(
  transaction: Queryable,
  sites: readonly { site: string; upTo: number }[],
): Promise<Map<string, number>> {
  const rows = await transaction.query<{ site: string; size: number }>(SIZES, [
    sites.map(({ site }) => site),
    sites.map(({ upTo }) => SITE_SHARE * (upTo + 1)),
  ]);
  return new Map(rows.map(({ site, size }) => [site, Math.max(1, Math.floor(size / SITE_SHARE))]));
}

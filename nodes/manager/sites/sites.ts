import type { FromSchema } from 'json-schema-to-ts';
import type { Queryable } from '../database/database.js';
import { CURSOR, type Page } from '../shared/page.js';
import type { Reason } from '../shared/reason.js';
import { parser } from '../shared/validate.js';
import type { NewSite, Site } from './site.js';

const MAX_PAGE = 200;

/** JSON Schema of a SiteQuery. */
export const SITE_QUERY = {
  type: 'object',
  properties: {
    search: { type: 'string', maxLength: 200, description: 'A part of the name; case does not matter.' },
    cursor: CURSOR,
    limit: { type: 'integer', minimum: 1, maximum: MAX_PAGE, description: 'Default 50.' },
  },
  additionalProperties: false,
} as const;
export type SiteQuery = FromSchema<typeof SITE_QUERY>;
/** Checks a query for sites. Throws INVALID_INPUT. */
export const parseSiteQuery = parser<SiteQuery>(SITE_QUERY, 'query');

/** Why nothing may be begun on a site now, and when it may be; null: in no window. */
export interface Shut {
  opensAt: Date | null;
  reason: Reason;
}

/** Where gateways are, and when something may be done there. */
export interface Sites {
  /** The sites that gateways or people name, in natural order; the default comes first. Rejects with INVALID_INPUT. */
  list(query: SiteQuery): Promise<Page<Site>>;
  /** A site by its name, also one that nothing was set for. */
  get(name: string): Promise<Site>;
  /** Sets all that is known of a site; what is left out is blank. Rejects with INVALID_INPUT. */
  set(site: NewSite, by: string): Promise<Site>;
  /** Forgets what was set for a site, so that the default holds. Rejects with NOT_FOUND. */
  remove(name: string): Promise<void>;
  /**
   * Of these sites, those on which nothing may be begun now that takes `seconds`. Read in the transaction, so that a window holds
   * with the commit of who sets it.
   */
  shut(transaction: Queryable, names: readonly string[], seconds: number): Promise<Map<string, Shut>>;
  /** The same for who only tells it. */
  shutNow(names: readonly string[], seconds: number): Promise<Map<string, Shut>>;
}

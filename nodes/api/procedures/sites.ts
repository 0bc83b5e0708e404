import { NEW_SITE } from '../../manager/sites/site.js';
import { SITE_QUERY } from '../../manager/sites/sites.js';
import type { Change } from '../changes.js';
import { defineProcedure } from '../procedure.js';
import { siteDetail } from '../site-detail.js';

const { name } = NEW_SITE.properties;
const oneSite = {
  type: 'object',
  properties: { name },
  required: ['name'],
  additionalProperties: false,
} as const;

/** The procedures for the zones, windows and freezes of sites. */
export const SITE_PROCEDURES = {
  /** Lists sites in natural order, the default of all first. */
  'sites.list': defineProcedure({
    role: 'viewer',
    input: { ...SITE_QUERY, required: ['limit'] },
    handler: ({ sites }, query) => sites.list(query),
    invalidatedBy: isOfSites,
  }),

  'sites.set': defineProcedure({
    role: 'administrator',
    input: NEW_SITE,
    handler: ({ sites }, site, caller) => sites.set(site, caller.requestedBy),
    audit: async (site, { sites }) => ({ action: 'site.set', detail: await siteDetail(site, sites) }),
  }),

  /** Forgets what was set for a site, so that the default holds. */
  'sites.remove': defineProcedure({
    role: 'administrator',
    input: oneSite,
    async handler({ sites }, input) {
      await sites.remove(input.name);
      return null;
    },
    audit: (site) => ({ action: 'site.remove', detail: { site: site.name } }),
  }),
} as const;

function isOfSites({ kind, what }: Change): boolean {
  return kind === 'site' || (kind === 'device' && what !== 'profile');
}

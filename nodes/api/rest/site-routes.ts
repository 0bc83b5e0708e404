import { listOf } from '../../manager/shared/value-schemas.js';
import { NEW_SITE, parseSiteSettings, SITE, SITE_SETTINGS, type Site } from '../../manager/sites/site.js';
import { SITE_QUERY } from '../../manager/sites/sites.js';
import { defineRoute, objectIn, type RestCall } from './route.js';

const { name } = NEW_SITE.properties;
/** The default of all has an empty name, which no path can have. */
const DEFAULT = '-';

const NIGHTS = { days: ['sat', 'sun'], from: '02:00', to: '05:00' } as const;
const HOLIDAYS = { from: '2025-12-22', to: '2026-01-02', reason: 'company holidays' };
export const BOCHUM: Site = {
  ...{
    name: 'Bochum',
    zone: 'Europe/Berlin',
    windows: [{ ...NIGHTS, days: [...NIGHTS.days] }],
    freezes: [HOLIDAYS],
  },
  ...{ contact: 'control room, 4711', isSet: true, gateways: 12, usedZone: 'Europe/Berlin' },
  clock: { isOpen: false, opensAt: '2025-12-06T01:00:00.000Z', closesAt: null, freeze: null },
  ...{ localTime: '2025-11-29 23:40', setBy: 'REST', setAt: '2025-11-29T22:31:00.000Z' },
};

/** The REST routes for the zones, windows and freezes of sites. */
export const SITE_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/site',
    operationId: 'listSites',
    tag: 'Sites',
    summary: 'List sites, with when jobs may begin something there',
    description: 'In natural order; the default of all, whose name is empty, comes first.',
    role: 'viewer',
    isPaged: true,
    query: SITE_QUERY,
    data: listOf(SITE),
    examples: { data: [BOCHUM] },
    async answer({ sites }, { query }) {
      const { items, next } = await sites.list(query);
      return { data: items, next };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/site/{site}',
    operationId: 'readSite',
    tag: 'Sites',
    summary: 'Read one site',
    description: `Also one that nothing was set for. \`${DEFAULT}\` is the default of all.`,
    role: 'viewer',
    data: SITE,
    examples: { data: BOCHUM },
    answer: async ({ sites }, call) => ({ data: await sites.get(nameIn(call)) }),
  }),

  defineRoute({
    method: 'PUT',
    path: '/site/{site}',
    operationId: 'setSite',
    tag: 'Sites',
    summary: 'Set the time zone, windows, freezes and contact of a site',
    description: `What is left out is blank, and then as the default says. \`${DEFAULT}\` is the default of all.`,
    role: 'administrator',
    action: 'site.set',
    detail: (call) => ({ site: nameIn(call).slice(0, name.maxLength) }),
    body: {
      kind: 'json',
      isRequired: true,
      schema: SITE_SETTINGS,
    },
    data: SITE,
    examples: {
      body: { zone: 'Europe/Berlin', windows: [NIGHTS], freezes: [HOLIDAYS], contact: BOCHUM.contact },
      data: BOCHUM,
    },
    answer: async ({ sites }, call, caller) => ({
      data: await sites.set(
        { ...parseSiteSettings(objectIn(call.body)), name: nameIn(call) },
        caller.requestedBy,
      ),
    }),
  }),

  defineRoute({
    method: 'DELETE',
    path: '/site/{site}',
    operationId: 'removeSite',
    tag: 'Sites',
    summary: 'Forget what was set for a site, so that the default holds',
    role: 'administrator',
    action: 'site.remove',
    detail: (call) => ({ site: nameIn(call).slice(0, name.maxLength) }),
    errors: ['NOT_FOUND'],
    data: SITE,
    examples: {
      data: {
        ...BOCHUM,
        zone: null,
        windows: [],
        freezes: [],
        contact: '',
        isSet: false,
        setBy: null,
        setAt: null,
      },
    },
    async answer({ sites }, call) {
      await sites.remove(nameIn(call));
      return { data: await sites.get(nameIn(call)) };
    },
  }),
];

function nameIn({ params: { site = '' } }: Pick<RestCall, 'params'>): string {
  return site === DEFAULT ? '' : site;
}

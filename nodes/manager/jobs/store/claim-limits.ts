import type { Queryable } from '../../database/database.js';
import { stopsHold } from '../../guard/stops-hold.js';
import type { ActiveStop } from '../job-guard.js';
import type { JobRow } from './job-row.js';

// What holds back a whole job, or all of it on a site or of a model.

/** What stops hold of a job. */
export interface Stopped {
  all: boolean;
  sites: string[];
  models: string[];
  /** Who gave each, by scope and value. */
  by: Map<string, string>;
}

export function stopsOf({ id, risk }: JobRow, stops: readonly ActiveStop[]): Stopped {
  const active = stopsHold(risk) ? stops : [];
  const of = (scope: ActiveStop['scope']) =>
    active.filter((stop) => stop.scope === scope).map(({ value }) => value ?? '');
  return {
    all: active.some(({ scope, value }) => scope === 'fleet' || (scope === 'job' && value === id)),
    sites: of('site'),
    models: of('model'),
    by: new Map(active.map(({ scope, value, by }) => [`${scope} ${value}`, by])),
  };
}

const UNDER_WAY_BY_SITE = `
  select execution.site, count(*)::integer as count from tpe_job_execution execution
  where execution.job = $1::bigint and execution.state = 'IN_PROGRESS' group by execution.site`;

/** The places that a job has left on each site. */
export interface SiteRoom {
  full: string[];
  /** Takes a place of a site; false if it has none left. */
  take(site: string): boolean;
}

export async function siteRoom(transaction: Queryable, { id, pace }: JobRow): Promise<SiteRoom> {
  const { perSite } = pace;
  if (perSite === null) return { full: [], take: () => true };
  const rows = await transaction.query<{ site: string; count: number }>(UNDER_WAY_BY_SITE, [id]);
  const counts = new Map(rows.map(({ site, count }) => [site, count]));
  return {
    // Gateways without a site are not on one site together.
    full: rows.filter(({ site, count }) => site !== '' && count >= perSite).map(({ site }) => site),
    take(site) {
      const count = counts.get(site) ?? 0;
      if (site !== '' && count >= perSite) return false;
      counts.set(site, count + 1);
      return true;
    },
  };
}

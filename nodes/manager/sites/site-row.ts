import type { Queryable, Row } from '../database/database.js';
import { ownZone } from './local-time.js';
import type { Freeze, SiteTimes, Window } from './site.js';

/** What was set for a site. */
export interface SiteRow extends Row {
  name: string;
  zone: string | null;
  windows: Window[];
  freezes: Freeze[];
  contact: string;
  version: string;
  set_by: string;
  set_at: Date;
}

/** Shared with other readers: who sets a site waits for those who have read what it was, and then finds what they wrote by it. */
const HELD = ' for share';
const READ = `
  select name, zone, windows, freezes, contact, version::text as version, set_by, set_at from tpe_site
  where name = '' or name = any($1::text[])`;

/** The rows of these sites, and that of the default, as far as there are any. */
export async function readSites(database: Queryable, names: readonly string[]): Promise<SiteRow[]> {
  return await database.query<SiteRow>(READ, [names]);
}

/** The same in a transaction, to whose end they stay as they are. */
export async function holdSites(transaction: Queryable, names: readonly string[]): Promise<SiteRow[]> {
  return await transaction.query<SiteRow>(READ + HELD, [names]);
}

/** What holds for a site: its own windows or those of the default, and the freezes of both. */
export function timesOf(row: SiteRow | undefined, fallback: SiteRow | undefined): SiteTimes {
  const own = row?.name === fallback?.name ? undefined : row;
  return {
    zone: own?.zone ?? fallback?.zone ?? ownZone(),
    windows: own !== undefined && own.windows.length > 0 ? own.windows : (fallback?.windows ?? []),
    freezes: [...(own?.freezes ?? []), ...(fallback?.freezes ?? [])],
  };
}

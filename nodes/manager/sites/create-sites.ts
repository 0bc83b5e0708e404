import type { Database, Queryable } from '../database/database.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { checkSite } from './check-site.js';
import { HORIZON_DAYS, type SiteWindows } from './clock.js';
import { keepWindows } from './kept-windows.js';
import { listNames, MOST_COUNTED } from './list-names.js';
import { localTime } from './local-time.js';
import type { NewSite, Site } from './site.js';
import { siteReason } from './site-reasons.js';
import { holdSites, readSites, type SiteRow, timesOf } from './site-row.js';
import { parseSiteQuery, type Shut, type Sites } from './sites.js';

export interface SitesOptions {
  database: Database;
  /** Called after a site was set or removed here. */
  onChanged(): void;
}

const DEFAULT = '';
const SET = `
  insert into tpe_site as known (name, zone, windows, freezes, contact, set_by) values ($1, $2, $3::jsonb, $4::jsonb, $5, $6)
  on conflict (name) do update set zone = excluded.zone, windows = excluded.windows, freezes = excluded.freezes,
    contact = excluded.contact, version = known.version + 1, set_by = excluded.set_by, set_at = now()`;
const REMOVE = 'delete from tpe_site where name = $1 returning name';

/** Opens the sites on a migrated database. */
export function createSites({ database, onChanged }: SitesOptions): Sites {
  const windows = keepWindows();

  /** The sites of these names, in their order. */
  async function read(names: readonly string[], gateways: ReadonlyMap<string, number>): Promise<Site[]> {
    const rows = await readSites(database, names);
    const byName = new Map(rows.map((row) => [row.name, row]));
    const fallback = byName.get(DEFAULT);
    const sites: Site[] = [];
    for (const name of names) {
      const row = byName.get(name);
      const of = windows.of(row, fallback);
      sites.push(await toSite(name, row, fallback, of, gateways.get(name) ?? 0));
    }
    return sites;
  }

  async function get(name: string): Promise<Site> {
    const { names, counts } = await listNames(database, { exactly: name });
    const [site] = await read(names, counts);
    return site!;
  }

  async function shutOf(
    asked: Queryable,
    rows: readonly SiteRow[],
    names: readonly string[],
    seconds: number,
  ): Promise<Map<string, Shut>> {
    const shut = new Map<string, Shut>();
    if (rows.length === 0) return shut;
    const now = await nowOf(asked);
    const byName = new Map(rows.map((row) => [row.name, row]));
    for (const name of new Set(names)) {
      const why = await whyShut(name, windows.of(byName.get(name), byName.get(DEFAULT)), now, seconds);
      if (why !== null) shut.set(name, why);
    }
    return shut;
  }

  return {
    async list(given) {
      const { search = '', cursor, limit = 50 } = parseSiteQuery(given);
      const { names, counts, next } = await listNames(database, { search, cursor, limit });
      return { items: await read(names, counts), next };
    },
    get,
    async set(given: NewSite, by) {
      const { name, zone, windows: open, freezes, contact } = checkSite(given);
      await database.query(SET, [name, zone, JSON.stringify(open), JSON.stringify(freezes), contact, by]);
      onChanged();
      return await get(name);
    },
    async remove(name) {
      // A name that cannot be stored was never set.
      const removed = isStorable(name) ? await database.query(REMOVE, [name]) : [];
      if (removed.length === 0) throw new TpeError('NOT_FOUND', siteReason('site-not-set', { site: name }));
      onChanged();
    },
    shut: async (transaction, names, seconds) =>
      await shutOf(transaction, await holdSites(transaction, names), names, seconds),
    shutNow: async (names, seconds) =>
      await shutOf(database, await readSites(database, names), names, seconds),
  };
}

async function nowOf(transaction: Queryable): Promise<number> {
  const [row] = await transaction.query<{ now: Date }>('select clock_timestamp() as now');
  return row!.now.getTime();
}

async function whyShut(
  site: string,
  windows: SiteWindows,
  now: number,
  seconds: number,
): Promise<Shut | null> {
  const beginning = await windows.beginning(now, seconds * 1000);
  if (beginning.now) return null;
  const { isOpen, opensAt, freeze } = await windows.clock(now);
  const minutes = Math.ceil(seconds / 60);
  if (beginning.opensAt === null) {
    const never = !isOpen && opensAt === null;
    const reason = never
      ? siteReason('site-never-opens', { site, days: HORIZON_DAYS })
      : siteReason('site-no-window-fits', { site, minutes });
    return { opensAt: null, reason };
  }
  const at = new Date(beginning.opensAt);
  const opens = at.toISOString();
  const there = localTime(at.getTime(), windows.zone);
  if (freeze !== null)
    return { opensAt: at, reason: siteReason('site-frozen', { site, opens, there, reason: freeze }) };
  const reason = isOpen
    ? siteReason('site-waits-window-short', { site, minutes, opens, there })
    : siteReason('site-waits-window', { site, opens, there });
  return { opensAt: at, reason };
}

async function toSite(
  name: string,
  row: SiteRow | undefined,
  fallback: SiteRow | undefined,
  windows: SiteWindows,
  gateways: number,
): Promise<Site> {
  const now = Date.now();
  const usedZone = timesOf(row, fallback).zone;
  return {
    name,
    zone: row?.zone ?? null,
    windows: row?.windows ?? [],
    freezes: row?.freezes ?? [],
    contact: row?.contact ?? '',
    isSet: row !== undefined,
    gateways: Math.min(gateways, MOST_COUNTED),
    clock: await windows.clock(now),
    localTime: localTime(now, usedZone),
    usedZone,
    setBy: row?.set_by ?? null,
    setAt: row?.set_at.toISOString() ?? null,
  };
}

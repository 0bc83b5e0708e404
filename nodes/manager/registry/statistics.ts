import type { Database, Row } from '../database/database.js';
import { createPieceSize } from '../shared/piece-size.js';

/** The statistics of a fleet. A model or version is null if it is not known yet. */
export interface FleetStatistics {
  /** The most frequent first, 50 at most. */
  models: { model: string | null; total: number; online: number }[];
  /** The most frequent first, 100 at most. */
  versions: {
    model: string | null;
    firmwareVersion: string | null;
    tpeVersion: string | null;
    total: number;
    online: number;
  }[];
  /** The most frequent first, 100 at most, of which 50 are those with most gateways offline. An empty site counts the gateways without one. */
  sites: { site: string; total: number; online: number; offline: number }[];
  /** The most frequent first, 100 at most. */
  tags: { tag: string; total: number }[];
  /** Gateways for which the last scan found newer software. */
  withUpdate: number;
}

type Kind = 'model' | 'version' | 'site' | 'tag' | 'all';

interface GroupRow extends Row {
  kind: Kind;
  /** What the gateways of the group have in common; of `all`, the last client id. */
  names: (string | null)[];
  total: number;
  online: number;
  offline: number;
  with_update: number;
}

interface Group {
  names: (string | null)[];
  total: number;
  online: number;
  offline: number;
}

const MODELS = 50;
const MOST = 100;
/** So many sites are listed for what is wrong there, however small they are. */
const WORST_SITES = 50;
const PIECES = { first: 500, least: 200, most: 5000 };

const COUNTS = `count(*)::integer as total, ${['online', 'offline']
  .map((status) => `(count(*) filter (where status = '${status}'))::integer as ${status}`)
  .join(', ')}`;
/** Counts one piece of the fleet, the gateways behind $1. */
const PIECE = `
  with piece as materialized (
    select device.clientid, device.model_name, device.firmware_version, device.tpe_version, device.site, device.tags, device.status,
      coalesce(found.has_update, false) as has_update
    from (select * from tpe_gateway where $1::text is null or clientid > $1 order by clientid limit $2) device
      left join tpe_update found on found.clientid = device.clientid
  )
  select 'model' as kind, array[model_name] as names, ${COUNTS}, 0 as with_update
  from piece group by model_name
  union all
  select 'version', array[model_name, firmware_version, tpe_version], ${COUNTS}, 0
  from piece group by model_name, firmware_version, tpe_version
  union all
  select 'site', array[site], ${COUNTS}, 0 from piece group by site
  union all
  select 'tag', array[tag], count(*)::integer, 0, 0, 0 from piece, unnest(tags) as tag group by tag
  union all
  select 'all', array[max(clientid)], ${COUNTS}, (count(*) filter (where has_update))::integer from piece having count(*) > 0`;

/** Counts the fleet by model, version, site and tag, a piece with each statement, since others want the database meanwhile. */
export async function readStatistics(database: Pick<Database, 'query'>): Promise<FleetStatistics> {
  const found = { model: groups(), version: groups(), site: groups(), tag: groups() };
  let withUpdate = 0;
  const pieces = createPieceSize(PIECES);
  let after: string | null = null;
  do {
    const limit = pieces.now();
    const read = () => database.query<GroupRow>(PIECE, [after, limit]);
    const rows = await pieces.timed(limit, read);
    for (const row of rows) if (row.kind !== 'all') found[row.kind].add(row);
    const all = rows.find(({ kind }) => kind === 'all');
    withUpdate += all?.with_update ?? 0;
    after = all === undefined || all.total < limit ? null : all.names[0]!;
  } while (after !== null);
  return {
    models: found.model
      .most(MODELS)
      .map(({ names: [model = null], total, online }) => ({ model, total, online })),
    versions: found.version
      .most(MOST)
      .map(({ names: [model = null, firmwareVersion = null, tpeVersion = null], total, online }) => ({
        ...{ model, firmwareVersion, tpeVersion, total, online },
      })),
    sites: found.site
      .most(MOST, WORST_SITES)
      .map(({ names, total, online, offline }) => ({ site: names[0] ?? '', total, online, offline })),
    tags: found.tag.most(MOST).map(({ names, total }) => ({ tag: names[0] ?? '', total })),
    withUpdate,
  };
}

/** Adds up groups of the same names. */
function groups() {
  const all = new Map<string, Group>();
  return {
    add({ names, total, online, offline }: Group): void {
      const key = JSON.stringify(names);
      const known = all.get(key);
      if (known === undefined) return void all.set(key, { names, total, online, offline });
      known.total += total;
      known.online += online;
      known.offline += offline;
    },
    /** The most frequent first, of those the first by name. `worst` of them are those with most that are offline. */
    most(limit: number, worst = 0): Group[] {
      const frequent = [...all.values()].sort(byTotal);
      if (frequent.length <= limit) return frequent;
      const missed = frequent.filter(({ offline }) => offline > 0).sort((a, b) => b.offline - a.offline);
      return [...new Set([...missed.slice(0, worst), ...frequent])].slice(0, limit).sort(byTotal);
    },
  };
}

function byTotal(a: Group, b: Group): number {
  return b.total - a.total || byNames(a.names, b.names);
}

const { compare } = new Intl.Collator('en');

/** Nothing comes behind all names. */
function byNames(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  for (const [place, one] of a.entries()) {
    const other = b[place] ?? null;
    if (one === other) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    return compare(one, other) || (one < other ? -1 : 1);
  }
  return 0;
}

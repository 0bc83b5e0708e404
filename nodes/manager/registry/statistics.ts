import type { Database, Row } from '../database/database.js';

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
  }[];
  /** The most frequent first, 100 at most. An empty site counts the gateways without one. */
  sites: { site: string; total: number; online: number }[];
  /** The most frequent first, 100 at most. */
  tags: { tag: string; total: number }[];
  /** Gateways for which the last scan found newer software. */
  withUpdate: number;
}

interface GroupRow extends Row {
  model_name: string | null;
  firmware_version: string | null;
  tpe_version: string | null;
  site: string;
  tag: string;
  total: number;
  online: number;
}

const COUNTS = "count(*)::integer as total, (count(*) filter (where status = 'online'))::integer as online";

/** Counts the fleet by model, version, site and tag. */
export async function readStatistics(database: Database): Promise<FleetStatistics> {
  const [models, versions, sites, tags, updates] = await Promise.all([
    database.query<GroupRow>(
      `select model_name, ${COUNTS} from tpe_gateway group by 1 order by 2 desc, 1 limit 50`,
    ),
    database.query<GroupRow>(
      `select model_name, firmware_version, tpe_version, count(*)::integer as total from clientid_profile
       group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 100`,
    ),
    database.query<GroupRow>(
      `select site, ${COUNTS} from tpe_gateway group by 1 order by 2 desc, 1 limit 100`,
    ),
    database.query<GroupRow>(
      `select tag, count(*)::integer as total from clientid_profile, unnest(tags) as tag
       group by 1 order by 2 desc, 1 limit 100`,
    ),
    database.query<GroupRow>(
      `select count(*)::integer as total from tpe_update join clientid_profile using (clientid) where has_update`,
    ),
  ]);
  return {
    models: models.map(({ model_name: model, total, online }) => ({ model, total, online })),
    versions: versions.map((row) => ({
      model: row.model_name,
      firmwareVersion: row.firmware_version,
      tpeVersion: row.tpe_version,
      total: row.total,
    })),
    sites: sites.map(({ site, total, online }) => ({ site, total, online })),
    tags: tags.map(({ tag, total }) => ({ tag, total })),
    withUpdate: updates[0]?.total ?? 0,
  };
}

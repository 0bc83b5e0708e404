import type { Database, Row } from '../../database/database.js';
import type { PresenceStatus } from '../../registry/presence-status.js';
import type { SoftwarePackage } from '../software-package.js';
import type { GroupGateway, ScanCoverage, UpdateGroup } from './updates.js';

interface GroupRow extends Row {
  id: string;
  model_name: string | null;
  firmware_version: string | null;
  tpe_version: string | null;
  path: SoftwarePackage[];
  gateways: number;
  scanned_at: Date;
}
interface GatewayRow extends Row {
  clientid: string;
  host_name: string | null;
  status: PresenceStatus;
}

const MAX_GROUPS = 200;
/** The id of a group. The hash of the plan comes first, so that a look-up can use its index. */
const GROUP = `found.plan || '.' || md5(concat_ws('|', found.model_name, found.firmware_version, found.tpe_version))`;

/** Returns what the last scans found, in groups of gateways with the same model, versions and plan: those with updates first. */
export async function updateGroups(database: Database): Promise<UpdateGroup[]> {
  const rows = await database.query<GroupRow>(
    `select alike.*, plan.path from (
       select ${GROUP} as id, found.plan, found.has_update, found.model_name, found.firmware_version, found.tpe_version,
         count(*)::integer as gateways, max(found.scanned_at) as scanned_at
       from tpe_update found join clientid_profile using (clientid)
       group by found.plan, found.has_update, found.model_name, found.firmware_version, found.tpe_version
     ) alike join tpe_update_plan plan on plan.hash = alike.plan
     order by alike.has_update desc, alike.gateways desc, alike.model_name, alike.id limit ${MAX_GROUPS}`,
  );
  return rows.map((row) => ({
    id: row.id,
    modelName: row.model_name,
    firmwareVersion: row.firmware_version,
    tpeVersion: row.tpe_version,
    path: row.path,
    gateways: row.gateways,
    scannedAt: row.scanned_at.toISOString(),
  }));
}

/** Returns the gateways of such a group that come after a client id, by client id; none if there is no such group. */
export async function gatewaysOfGroup(
  database: Database,
  { group, after, limit }: { group: string; after: string; limit: number },
): Promise<GroupGateway[]> {
  const rows = await database.query<GatewayRow>(
    `select found.clientid, profile.host_name, profile.status
     from tpe_update found join tpe_gateway profile using (clientid)
     where found.plan = split_part($1, '.', 1) and ${GROUP} = $1 and found.clientid > $2
     order by found.clientid limit $3`,
    [group, after, limit],
  );
  return rows.map((row) => ({
    clientid: row.clientid,
    hostName: row.host_name,
    status: row.status,
  }));
}

/** Returns of how many gateways nothing was found out: what runs on them is not known, or has changed since the last scan. */
export async function scanCoverage(database: Database): Promise<ScanCoverage> {
  const [row] = await database.query<{ not_scanned: number; never_seen: number }>(
    `select count(*) filter (where presence.status <> 'never_seen')::integer as not_scanned,
       count(*) filter (where presence.status = 'never_seen')::integer as never_seen
     from tpe_presence presence
     where not exists (select from tpe_update found where found.clientid = presence.clientid)`,
  );
  return { notScanned: row?.not_scanned ?? 0, neverSeen: row?.never_seen ?? 0 };
}

import { createHash } from 'node:crypto';
import { DEAD_AFTER_S } from '../../cluster/heartbeat.js';
import { causeText } from '../../database/cause-text.js';
import type { Database, Row } from '../../database/database.js';
import { sqlstateOf } from '../../database/sqlstate.js';
import type { DeviceFilter } from '../../registry/device-filter.js';
import type { Cause, Reason } from '../../shared/reason.js';
import type { SoftwarePackage } from '../software-package.js';
import type { Candidate } from './candidate.js';
import { scanReason } from './scan-reasons.js';
import type { DeviceUpdate, ScanProgress, ScanState } from './updates.js';

interface ScanRow extends Row {
  id: string;
  state: ScanState;
  instance: string;
  filter: unknown;
  requested_by: string;
  total: number;
  done: number;
  found: number;
  failed: number;
  faults: Record<string, string>;
  fault_causes: Record<string, Cause | null>;
  reason: string | null;
  cause: Cause | null;
  stop_requested_by: string | null;
  started_at: Date;
  ended_at: Date | null;
}
interface UpdateRow extends Row {
  clientid: string;
  scanned_at: Date;
  model_name: string | null;
  firmware_version: string | null;
  tpe_version: string | null;
  path: SoftwarePackage[];
  /** Those that were stored before reasons had causes have none. */
  candidates: (Omit<Candidate, 'cause'> & Partial<Pick<Candidate, 'cause'>>)[];
}

export interface StoredScan {
  progress: ScanProgress;
  instance: string;
  filter: unknown;
  stopRequestedBy: string | null;
}

type Counts = Pick<ScanProgress, 'total' | 'done' | 'found' | 'failed' | 'faults' | 'faultCauses'>;

/** Scans and their results in the database. */
export interface ScanStore {
  /** Records a new scan; null if one is running already. */
  begin(filter: DeviceFilter, requestedBy: string, total: number): Promise<StoredScan | null>;
  running(): Promise<StoredScan | null>;
  last(): Promise<StoredScan | null>;
  get(id: string): Promise<StoredScan | null>;
  /** Writes the progress of a scan. Resolves with who stopped it, or ended it, meanwhile; null if nobody did. */
  advance(id: string, counts: Counts): Promise<string | Reason | null>;
  end(id: string, state: ScanState, reason: Reason | null, counts: Counts): Promise<StoredScan | null>;
  askToStop(requestedBy: string): Promise<StoredScan | null>;
  /** Ends scans of dead managers and, if `isOwn`, those that this manager left when it last stopped. */
  endAbandoned(isOwn: boolean): Promise<void>;
  /** Saves the results of many gateways at once; those that were retired meanwhile are left out. */
  save(updates: readonly DeviceUpdate[]): Promise<void>;
  results(query: { available: boolean; after: string; limit: number }): Promise<DeviceUpdate[]>;
  result(clientid: string): Promise<DeviceUpdate | null>;
}

const SCAN = `scan.id::text as id, scan.state, scan.instance, scan.filter, scan.requested_by, scan.total, scan.done,
  scan.found, scan.failed, scan.faults, scan.fault_causes, scan.reason, scan.cause, scan.stop_requested_by,
  scan.started_at, scan.ended_at`;
const UPDATE = `found.clientid, found.scanned_at, found.model_name, found.firmware_version, found.tpe_version, plan.path,
  plan.candidates`;
const FOUND = `tpe_update found join tpe_update_plan plan on plan.hash = found.plan
  join clientid_profile profile on profile.clientid = found.clientid`;

const SAVE_PLANS = `
  insert into tpe_update_plan (hash, path, candidates)
  select * from unnest($1::text[], $2::jsonb[], $3::jsonb[])
  on conflict do nothing`;

const SAVE = `
  with given as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[])
      as given (clientid, model_name, firmware_version, tpe_version, plan, has_update, package)
  ), tpedm as (
    update clientid_profile profile set new_scaned_package = given.package from given
    where profile.clientid = given.clientid and profile.new_scaned_package is distinct from given.package
  )
  insert into tpe_update (clientid, scanned_at, model_name, firmware_version, tpe_version, plan, has_update)
  select given.clientid, now(), given.model_name, given.firmware_version, given.tpe_version, given.plan, given.has_update
  from given join clientid_profile using (clientid)
  on conflict (clientid) do update set scanned_at = excluded.scanned_at, model_name = excluded.model_name,
    firmware_version = excluded.firmware_version, tpe_version = excluded.tpe_version, plan = excluded.plan,
    has_update = excluded.has_update`;

const FOREIGN_KEY_VIOLATION = '23503';
const FORGET_PLANS = `
  delete from tpe_update_plan plan where not exists (select from tpe_update found where found.plan = plan.hash)`;

/** Opens the record of scans for one manager. */
export function createScanStore(database: Database, instance: string): ScanStore {
  /** Gateways with the same plan share its lists, so each list is hashed only once. */
  const hashes = new WeakMap<object, string>();
  /** The plans that the present scan has saved: its gateways share a few, whose lists are long. */
  let saved = new Set<string>();
  const hashOf = ({ path, candidates }: DeviceUpdate): string => {
    const known =
      hashes.get(candidates) ??
      createHash('sha256')
        // Without the causes, which say the same as the texts, and which plans from before do not have.
        .update(JSON.stringify([path, candidates.map(({ cause: _cause, ...candidate }) => candidate)]))
        .digest('hex');
    hashes.set(candidates, known);
    return known;
  };
  const one = async (sql: string, parameters: unknown[] = []): Promise<StoredScan | null> => {
    const [row] = await database.query<ScanRow>(sql, parameters);
    return row === undefined ? null : toScan(row);
  };
  const savePlans = async (updates: readonly DeviceUpdate[]): Promise<void> => {
    const known = saved;
    const plans = new Map(
      updates.map((update) => [hashOf(update), update] as const).filter(([hash]) => !known.has(hash)),
    );
    if (plans.size === 0) return;
    await database.query(SAVE_PLANS, [
      [...plans.keys()],
      [...plans.values()].map(({ path }) => JSON.stringify(path)),
      [...plans.values()].map(({ candidates }) => JSON.stringify(candidates)),
    ]);
    for (const hash of plans.keys()) known.add(hash);
  };
  const save = async (updates: readonly DeviceUpdate[]): Promise<void> => {
    await savePlans(updates);
    await database.query(SAVE, [
      updates.map(({ clientid }) => clientid),
      updates.map(({ modelName }) => modelName),
      updates.map(({ firmwareVersion }) => firmwareVersion),
      updates.map(({ tpeVersion }) => tpeVersion),
      updates.map(hashOf),
      updates.map(({ path }) => path.length > 0),
      updates.map(({ recommended }) => (recommended === null ? null : tpedmPackage(recommended))),
    ]);
  };
  const countsOf = ({ total, done, found, failed, faults, faultCauses }: Counts) => [
    total,
    done,
    found,
    failed,
    JSON.stringify(faults),
    JSON.stringify(faultCauses),
  ];

  return {
    async begin(filter, requestedBy, total) {
      // Another manager's scan may have forgotten them.
      saved = new Set();
      return await one(
        `insert into tpe_update_scan as scan (instance, filter, requested_by, total) values ($1, $2, $3, $4)
         on conflict do nothing returning ${SCAN}`,
        [instance, JSON.stringify(filter), requestedBy, total],
      );
    },
    running: () => one(`select ${SCAN} from tpe_update_scan scan where scan.state = 'RUNNING'`),
    last: () => one(`select ${SCAN} from tpe_update_scan scan order by scan.id desc limit 1`),
    get: (id) => one(`select ${SCAN} from tpe_update_scan scan where scan.id = $1`, [id]),
    async advance(id, counts) {
      const scan = await one(
        `update tpe_update_scan scan
         set total = $2, done = $3, found = $4, failed = $5, faults = $6, fault_causes = $7, seen_at = now()
         where scan.id = $1 returning ${SCAN}`,
        [id, ...countsOf(counts)],
      );
      return scan?.progress.state === 'RUNNING' ? scan.stopRequestedBy : scanReason('scan-other-manager');
    },
    async end(id, state, reason, counts) {
      saved = new Set();
      await database.query(FORGET_PLANS);
      return await one(
        `update tpe_update_scan scan
         set total = $2, done = $3, found = $4, failed = $5, faults = $6, fault_causes = $7, state = $8, reason = $9,
           cause = $10, ended_at = now()
         where scan.id = $1 and scan.state = 'RUNNING' returning ${SCAN}`,
        [id, ...countsOf(counts), state, reason?.text ?? null, causeText(reason)],
      );
    },
    askToStop: (requestedBy) =>
      one(
        `update tpe_update_scan scan set stop_requested_by = $1 where scan.state = 'RUNNING' returning ${SCAN}`,
        [requestedBy],
      ),
    async endAbandoned(isOwn) {
      const { text, cause } = scanReason('scan-manager-ended');
      await database.query(
        `update tpe_update_scan set state = 'FAILED', ended_at = now(), reason = $4, cause = $5
         where state = 'RUNNING'
           and (($1 and instance = $2) or seen_at < now() - make_interval(secs => $3))`,
        [isOwn, instance, DEAD_AFTER_S, text, causeText({ cause })],
      );
    },
    save: (updates) =>
      save(updates).catch((error) => {
        if (sqlstateOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
        // A manager whose scan was given up has forgotten plans that no gateway had yet.
        saved = new Set();
        return save(updates);
      }),
    async results({ available, after, limit }) {
      const rows = await database.query<UpdateRow>(
        `select ${UPDATE} from ${FOUND}
         where found.clientid > $1 and (not $2 or found.has_update) order by found.clientid limit $3`,
        [after, available, limit],
      );
      return rows.map(toUpdate);
    },
    async result(clientid) {
      const [row] = await database.query<UpdateRow>(
        `select ${UPDATE} from ${FOUND}
         where found.clientid = $1`,
        [clientid],
      );
      return row === undefined ? null : toUpdate(row);
    },
  };
}

/** Returns a package in the form in which TPEDM's pages read the result of a scan. */
function tpedmPackage({
  category,
  packageName,
  version,
  displayName,
  size,
  yamlUrl,
}: SoftwarePackage): string {
  return JSON.stringify({ category, packageName, version, displayName, size, yamlUrl });
}

function toScan(row: ScanRow): StoredScan {
  const { id, state, total, done, found, failed, faults, reason, cause } = row;
  return {
    progress: {
      ...{ id, state, total, done, found, failed, faults, faultCauses: row.fault_causes, reason, cause },
      requestedBy: row.requested_by,
      startedAt: row.started_at.toISOString(),
      endedAt: row.ended_at?.toISOString() ?? null,
    },
    instance: row.instance,
    filter: row.filter,
    stopRequestedBy: row.stop_requested_by,
  };
}

function toUpdate(row: UpdateRow): DeviceUpdate {
  return {
    clientid: row.clientid,
    modelName: row.model_name,
    firmwareVersion: row.firmware_version,
    tpeVersion: row.tpe_version,
    recommended: row.path[0] ?? null,
    path: row.path,
    candidates: row.candidates.map((candidate) => ({ cause: null, ...candidate })),
    scannedAt: row.scanned_at.toISOString(),
  };
}

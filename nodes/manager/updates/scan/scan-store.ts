import { DEAD_AFTER_S } from '../../cluster/heartbeat.js';
import { causeText } from '../../database/cause-text.js';
import type { Database, Row } from '../../database/database.js';
import type { DeviceFilter } from '../../registry/device-filter.js';
import type { Cause, Reason } from '../../shared/reason.js';
import type { SoftwarePackage } from '../software-package.js';
import type { Candidate } from './candidate.js';
import { createResultWriter } from './result-writer.js';
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
  unseen: number;
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

type Counts = Pick<ScanProgress, 'total' | 'done' | 'found' | 'failed' | 'unseen' | 'faults' | 'faultCauses'>;

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
  scan.found, scan.failed, scan.unseen, scan.faults, scan.fault_causes, scan.reason, scan.cause, scan.stop_requested_by,
  scan.started_at, scan.ended_at`;
const UPDATE = `found.clientid, found.scanned_at, found.model_name, found.firmware_version, found.tpe_version, plan.path,
  plan.candidates`;
const FOUND = `tpe_update found join tpe_update_plan plan on plan.hash = found.plan
  join clientid_profile profile on profile.clientid = found.clientid`;

const FORGET_PLANS = `
  delete from tpe_update_plan plan where not exists (select from tpe_update found where found.plan = plan.hash)`;

/** Opens the record of scans for one manager. */
export function createScanStore(database: Database, instance: string): ScanStore {
  const results = createResultWriter(database);
  const one = async (sql: string, parameters: unknown[] = []): Promise<StoredScan | null> => {
    const [row] = await database.query<ScanRow>(sql, parameters);
    return row === undefined ? null : toScan(row);
  };
  const countsOf = ({ total, done, found, failed, unseen, faults, faultCauses }: Counts) => [
    total,
    done,
    found,
    failed,
    JSON.stringify(faults),
    JSON.stringify(faultCauses),
    unseen,
  ];

  return {
    async begin(filter, requestedBy, total) {
      // Another manager's scan may have forgotten them.
      results.plansAreGone();
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
         set total = $2, done = $3, found = $4, failed = $5, faults = $6, fault_causes = $7, unseen = $8, seen_at = now()
         where scan.id = $1 returning ${SCAN}`,
        [id, ...countsOf(counts)],
      );
      return scan?.progress.state === 'RUNNING' ? scan.stopRequestedBy : scanReason('scan-other-manager');
    },
    async end(id, state, reason, counts) {
      results.plansAreGone();
      await database.query(FORGET_PLANS);
      return await one(
        `update tpe_update_scan scan
         set total = $2, done = $3, found = $4, failed = $5, faults = $6, fault_causes = $7, unseen = $8, state = $9,
           reason = $10, cause = $11, ended_at = now()
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
    save: results.save,
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

function toScan(row: ScanRow): StoredScan {
  const { id, state, total, done, found, failed, unseen, faults, reason, cause } = row;
  return {
    progress: {
      ...{
        id,
        state,
        total,
        done,
        found,
        failed,
        unseen,
        faults,
        faultCauses: row.fault_causes,
        reason,
        cause,
      },
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

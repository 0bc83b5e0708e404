import { jobOf } from '../../commands/execution-key.js';
import type { Row } from '../../database/database.js';
import type { Cause } from '../../shared/reason.js';
import type { TpeErrorCode } from '../../shared/tpe-error.js';
import type { SoftwarePackage } from '../software-package.js';
import type { Work } from './checkpoint.js';
import type { Installation, InstallationState, InstallationStep, StepName } from './installation.js';

/** The columns that toInstallation reads, of tpe_installation under the alias `installation`. */
export const INSTALLATION_COLUMNS = `
  installation.id::text as id, installation.clientid, installation.packages, installation.state, installation.reason,
  installation.cause, installation.reason_code, installation.package, installation.step, installation.progress,
  installation.steps, installation.work, installation.before_tpe_version, installation.before_firmware_version,
  installation.after_tpe_version, installation.after_firmware_version, installation.snapshot,
  installation.allow_cellular, installation.timeout_ms, installation.requested_by, installation.cancel_requested_by,
  installation.instance, installation.created_at, installation.started_at, installation.updated_at,
  installation.ended_at, installation.execution`;

export interface InstallationRow extends Row {
  id: string;
  clientid: string;
  packages: SoftwarePackage[];
  state: InstallationState;
  reason: string | null;
  cause: Cause | null;
  reason_code: TpeErrorCode | null;
  package: number;
  step: StepName | null;
  progress: number;
  /** Those that were stored before reasons had causes have none. */
  steps: (Omit<InstallationStep, 'cause'> & Partial<Pick<InstallationStep, 'cause'>>)[];
  work: Partial<Work>;
  before_tpe_version: string | null;
  before_firmware_version: string | null;
  after_tpe_version: string | null;
  after_firmware_version: string | null;
  snapshot: boolean | null;
  allow_cellular: boolean;
  timeout_ms: number;
  requested_by: string;
  cancel_requested_by: string | null;
  instance: string;
  created_at: Date;
  started_at: Date | null;
  updated_at: Date;
  ended_at: Date | null;
  execution: string | null;
}

/** Converts a row of tpe_installation to an Installation. */
export function toInstallation(row: InstallationRow): Installation {
  return {
    id: row.id,
    clientid: row.clientid,
    packages: row.packages,
    state: row.state,
    reason: row.reason,
    cause: row.cause,
    reasonCode: row.reason_code,
    package: row.package,
    step: row.step,
    progress: row.progress,
    steps: row.steps.map((step) => ({ cause: null, ...step })),
    before: { tpeVersion: row.before_tpe_version, firmwareVersion: row.before_firmware_version },
    after: { tpeVersion: row.after_tpe_version, firmwareVersion: row.after_firmware_version },
    snapshot: row.snapshot,
    allowCellular: row.allow_cellular,
    timeoutMs: row.timeout_ms,
    requestedBy: row.requested_by,
    cancelRequestedBy: row.cancel_requested_by,
    instance: row.instance,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    updatedAt: row.updated_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    job: jobOf(row.execution),
  };
}

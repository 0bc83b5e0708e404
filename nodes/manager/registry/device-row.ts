import type { Row } from '../database/database.js';
import type { Cause } from '../shared/reason.js';
import type { Device } from './device.js';
import type { PresenceStatus } from './presence-status.js';
import { refusedLogin } from './refused-login.js';
import { connectWarning, WARNING_COLUMNS, type WarningRow } from './warning.js';

/** The columns that toDevice reads, of tpe_gateway as `device` and mqtt_user as `credential`. */
export const DEVICE_COLUMNS = `
  device.clientid, credential.username, coalesce(credential.enabled, false) as enabled,
  device.site, device.note, device.tags, device.redundancy,
  device.status, device.presence_since, device.presence_reason, device.presence_cause, device.presence_source, ${WARNING_COLUMNS},
  device.host_name, device.model_name, device.serial_number, device.tpe_version, device.firmware_version,
  device.bios_version, device.description, device.created_at, device.profile_updated_at`;

/** A left join, since another program may have removed the credential of a gateway. */
export const JOIN_CREDENTIAL = 'left join mqtt_user credential on credential.clientid = device.clientid';

export const SELECT_DEVICE = `select ${DEVICE_COLUMNS} from tpe_gateway device ${JOIN_CREDENTIAL}`;

export interface DeviceRow extends Row, WarningRow {
  clientid: string;
  username: string | null;
  enabled: boolean;
  site: string;
  note: string;
  tags: string[];
  redundancy: string;
  status: PresenceStatus;
  presence_since: Date | null;
  presence_reason: string | null;
  presence_cause: Cause | null;
  presence_source: string | null;
  host_name: string | null;
  model_name: string | null;
  serial_number: string | null;
  tpe_version: string | null;
  firmware_version: string | null;
  bios_version: string | null;
  description: string | null;
  /** Seconds since the epoch. */
  created_at: number | null;
  profile_updated_at: number | null;
}

/** Converts a row of SELECT_DEVICE to a Device. */
export function toDevice(row: DeviceRow): Device {
  const warning = connectWarning(row, Date.now());
  return {
    clientid: row.clientid,
    username: row.username,
    enabled: row.enabled,
    site: row.site,
    note: row.note,
    tags: row.tags,
    redundancy: row.redundancy,
    status: row.status,
    since: row.presence_since?.toISOString() ?? null,
    reason: row.presence_reason,
    cause: row.presence_cause,
    source: row.presence_source,
    presenceAsOf: null,
    warning: warning?.text ?? null,
    warningCause: warning?.cause ?? null,
    refusedLogin: refusedLogin(row, Date.now()),
    ipAddress: row.ip_address,
    hostName: row.host_name,
    modelName: row.model_name,
    serialNumber: row.serial_number,
    tpeVersion: row.tpe_version,
    firmwareVersion: row.firmware_version,
    biosVersion: row.bios_version,
    description: row.description,
    createdAt: fromSeconds(row.created_at),
    profileUpdatedAt: fromSeconds(row.profile_updated_at),
  };
}

/** Converts seconds since the epoch to ISO 8601; null also for values that are no date, which TPEDM's columns may hold. */
function fromSeconds(seconds: number | null): string | null {
  if (seconds === null || seconds <= 0) return null;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

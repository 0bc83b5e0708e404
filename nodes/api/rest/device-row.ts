import type { FromSchema } from 'json-schema-to-ts';
import type { Device } from '../../manager/registry/device.js';
import { PRESENCE_STATUSES } from '../../manager/registry/presence-status.js';
import { CAUSE_OR_NULL } from '../../manager/shared/reason.js';
import { flag, objectOf, text, textOrNull, texts } from '../../manager/shared/value-schemas.js';

const unixSeconds = { type: ['integer', 'null'], description: 'Seconds since 1970-01-01 in UTC.' } as const;

/** JSON Schema of a gateway. The fields of TPEDM come first, with the names and units that its scripts expect; this pack's own follow. */
export const DEVICE_ROW = {
  ...objectOf({
    clientid: text,
    connection_status: { ...flag, description: 'Whether it is online.' },
    model_name: textOrNull,
    serial_number: textOrNull,
    host_name: textOrNull,
    tpe_version: textOrNull,
    firmware_version: textOrNull,
    bios_version: textOrNull,
    created_at: unixSeconds,
    profile_updated_at: unixSeconds,
    connection_status_updated_at: unixSeconds,
    username: textOrNull,
    enabled: { ...flag, description: 'False: its login is refused.' },
    status: { enum: PRESENCE_STATUSES },
    status_reason: { ...textOrNull, description: 'For a person: why it is online or offline.' },
    status_cause: CAUSE_OR_NULL,
    status_source: { ...textOrNull, description: 'Who said so.' },
    status_warning: { ...textOrNull, description: 'What is wrong with how it connects.' },
    status_warning_cause: CAUSE_OR_NULL,
    ip_address: textOrNull,
    site: text,
    note: text,
    tags: texts,
    redundancy: {
      ...text,
      description: 'Gateways with the same text stand in for each other; empty: none does.',
    },
  }),
  description: "A gateway. The first eleven fields are TPEDM's.",
} as const;
export type DeviceRow = FromSchema<typeof DEVICE_ROW>;

/** Converts a gateway to the form in which REST returns it; times become seconds since 1970. */
export function deviceRow(device: Device): DeviceRow {
  return {
    clientid: device.clientid,
    connection_status: device.status === 'online',
    model_name: device.modelName,
    serial_number: device.serialNumber,
    host_name: device.hostName,
    tpe_version: device.tpeVersion,
    firmware_version: device.firmwareVersion,
    bios_version: device.biosVersion,
    created_at: secondsOf(device.createdAt),
    profile_updated_at: secondsOf(device.profileUpdatedAt),
    connection_status_updated_at: secondsOf(device.since),
    username: device.username,
    enabled: device.enabled,
    status: device.status,
    status_reason: device.reason,
    status_cause: device.cause,
    status_source: device.source,
    status_warning: device.warning,
    status_warning_cause: device.warningCause,
    ip_address: device.ipAddress,
    site: device.site,
    note: device.note,
    tags: device.tags,
    redundancy: device.redundancy,
  };
}

function secondsOf(text: string | null): number | null {
  return text === null ? null : Math.floor(Date.parse(text) / 1000);
}

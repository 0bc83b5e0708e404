import type { Device } from '../../manager/registry/device.js';

/** A gateway with the names and units that TPEDM's scripts know; ours stand behind them. */
export function deviceRow(device: Device) {
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
    status_source: device.source,
    status_warning: device.warning,
    ip_address: device.ipAddress,
    site: device.site,
    note: device.note,
    tags: device.tags,
  };
}

function secondsOf(text: string | null): number | null {
  return text === null ? null : Math.floor(Date.parse(text) / 1000);
}

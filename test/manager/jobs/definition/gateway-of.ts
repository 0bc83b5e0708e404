import type { Device } from '../../../../nodes/manager/registry/device.js';

/** A gateway of which all is known, with these fields in the place of others. */
export function gatewayOf(fields: Partial<Device> = {}): Device {
  return {
    clientid: 'gw-1',
    username: 'gw-1',
    enabled: true,
    site: 'Brea',
    note: 'beside the pump',
    redundancy: 'pumps A/B',
    tags: [],
    status: 'online',
    since: null,
    reason: null,
    cause: null,
    source: null,
    presenceAsOf: null,
    warning: null,
    warningCause: null,
    refusedLogin: null,
    ipAddress: '10.0.0.1',
    hostName: 'host-1',
    modelName: 'UC-8112A',
    serialNumber: 'TAABB1',
    tpeVersion: '2.2.0',
    firmwareVersion: '1.7',
    biosVersion: null,
    description: null,
    deviceType: null,
    createdAt: null,
    profileUpdatedAt: null,
    ...fields,
  } as Device;
}

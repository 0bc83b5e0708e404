import type { GatewayIdentity } from './identity.js';
import { isJson } from './merge.js';
import type { Json } from './resource-templates.js';
import { type ApiAnswer, apiError } from './wire.js';

const DISK_BYTES = 6_827_344_896;
/** How many bytes a full disk has free, beyond those that are reserved for the system. */
const ROOM_LEFT = 20_000_000;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;

/** The profile in `/device/general` of a new gateway; `lastBootTime` is ISO 8601. */
export function generalOf(identity: GatewayIdentity, lastBootTime: string): Json {
  const used = 1_200_000_000 + (Number(identity.serialNumber.slice(-4)) % 40) * 50_000_000;
  const isIntel = identity.modelName.startsWith('AIG-501');
  const common = {
    description: identity.description,
    hostName: identity.hostName,
    modelName: identity.modelName,
    serialNumber: identity.serialNumber,
    firmwareVersion: identity.firmwareVersion,
    cpu: isIntel ? 'Intel Atom x5-E3930' : 'ARMv7 Processor rev 2 (v7l)',
    memorySize: isIntel ? 4_112_240_640 : 1_056_120_832,
    lastBootTime,
    disk: [
      {
        name: 'System',
        mount: '/',
        device: '/dev/root',
        total: DISK_BYTES,
        free: DISK_BYTES - used,
        used,
        protect: 838_860_800,
        percent: percentOf(used, DISK_BYTES),
        tags: { used: 'systemDiskUsed', free: 'systemDiskFree', percent: 'systemDiskPercent' },
      },
    ],
  };
  if (identity.api === 'aig-302') return { ...common, softwareVersion: identity.tpeVersion };
  return {
    type: 'general',
    ...common,
    deviceType: 'gateway',
    thingsproVersion: identity.tpeVersion,
    ...(identity.biosVersion === null ? {} : { biosVersion: identity.biosVersion }),
    lastRebootTime: '',
  };
}

/** Changes an answer of `/device/general` or `/system/upgrade` so that its disks have hardly any room left. */
export function fullDisks(answer: ApiAnswer): ApiAnswer {
  const data = isJson(answer.payload) ? answer.payload.data : undefined;
  if (!isJson(data)) return answer;
  const full = (disk: unknown) => (isJson(disk) ? fullDisk(disk) : disk);
  const fields = ['disk', 'disks'].filter((name) => Array.isArray(data[name]));
  const changed = fields.map((name) => [name, (data[name] as unknown[]).map(full)]);
  return { ...answer, payload: { data: { ...data, ...Object.fromEntries(changed) } } };
}

function fullDisk(disk: Json): Json {
  const [free, total] = [ROOM_LEFT + Number(disk.protect), Number(disk.total)];
  if (!(total > 0)) return { ...disk, free };
  return { ...disk, free, used: total - free, percent: percentOf(total - free, total) };
}

function percentOf(part: number, whole: number): number {
  return Math.round((part / whole) * 10_000) / 100;
}

/**
 * Answers PATCH `/device/general`. Only description and host name can be changed; `store` gets the changed profile. An invalid
 * value is an answer with status 400.
 */
export function changeGeneral(general: Json, body: unknown, store: (general: Json) => void): ApiAnswer {
  if (!isJson(body)) return apiError(400, 'invalid request body');
  const { description = general.description, hostName = general.hostName } = body;
  if (typeof description !== 'string' || description.length > 512)
    return apiError(400, 'invalid description');
  const isHostName =
    typeof hostName === 'string' &&
    hostName.length <= 64 &&
    hostName.split('.').every((label) => LABEL.test(label));
  if (!isHostName) return apiError(400, 'invalid hostName');
  const next = { ...general, description, hostName };
  store(next);
  return { status: 200, payload: { data: next } };
}

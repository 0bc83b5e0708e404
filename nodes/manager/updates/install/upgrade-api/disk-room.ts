import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../../shared/guard.js';
import type { Reason } from '../../../shared/reason.js';
import { installationReason } from '../installation-reasons.js';

const DISKS = {
  type: 'array',
  items: {
    type: 'object',
    properties: { name: { type: 'string' }, free: { type: 'number' }, protect: { type: ['number', 'null'] } },
    required: ['name', 'free'],
  },
} as const;

const isDisks = guard<FromSchema<typeof DISKS>>(DISKS);

/** An upgrade needs the size of the package, and the same again for what is unpacked. */
const SIZES_NEEDED = 2;
const SYSTEM = 'System';
const MB = 1_000_000;

/**
 * Returns why a package of `size` bytes does not fit on the disk `diskName` (null: the system's disk); null if it fits, or if that cannot
 * be known. `disks` is what a gateway reports of its disks, in bytes.
 */
export function roomFault(disks: unknown, diskName: string | null, size: number | null): Reason | null {
  if (size === null || !isDisks(disks)) return null;
  const disk =
    disks.find(({ name }) => name === (diskName ?? SYSTEM)) ?? (diskName === null ? disks[0] : undefined);
  if (disk === undefined)
    return installationReason('installation-disk-missing', { disk: diskName ?? SYSTEM });
  const room = disk.free - (disk.protect ?? 0);
  if (room >= SIZES_NEEDED * size) return null;
  return installationReason('installation-disk-full', {
    disk: disk.name,
    free: inMb(room),
    needed: inMb(SIZES_NEEDED * size),
  });
}

function inMb(bytes: number): string {
  return `${Math.max(0, Math.round(bytes / MB))} MB`;
}

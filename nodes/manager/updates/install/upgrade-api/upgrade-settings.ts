import type { FromSchema } from 'json-schema-to-ts';
import { isSuccess } from '../../../protocol/answer.js';
import { guard } from '../../../shared/guard.js';
import type { Reply } from './gateway-upgrades.js';

const SETTINGS = {
  type: 'object',
  properties: {
    allowOverCellular: { type: ['boolean', 'null'] },
    enableSnapshot: { type: ['boolean', 'null'] },
    isSnapshotSupported: { type: ['boolean', 'null'] },
    targetDiskName: { type: ['string', 'null'] },
    disks: {},
  },
} as const;

/** The settings of a gateway for upgrades; those that it does not report are missing. */
export type UpgradeSettings = FromSchema<typeof SETTINGS>;

const isSettings = guard<UpgradeSettings>(SETTINGS);

/** Returns the settings in the answer to GET /system/upgrade; none if it is an error. */
export function settingsIn(reply: Reply): UpgradeSettings {
  const data = dataIn(reply);
  return isSettings(data) ? data : {};
}

/** Whether the answer to GET /device/network/wan names a cellular link; null if it names none. */
export function isCellular(reply: Reply): boolean | null {
  const data = dataIn(reply) as { name?: unknown; displayName?: unknown } | null | undefined;
  if (typeof data?.name !== 'string' || data.name === '') return null;
  return /^(wwan|ppp|cellular)/i.test(data.name) || /cellular/i.test(String(data.displayName ?? ''));
}

function dataIn(reply: Reply): unknown {
  if (reply.kind !== 'answered' || !isSuccess(reply.status)) return null;
  return (reply.payload as { data?: unknown } | null)?.data;
}

import { isSuccess } from '../../../protocol/answer.js';
import { parseProfile } from '../../../registry/profile.js';
import type { DeviceProfile } from '../../../registry/registry.js';
import type { GatewayVersions } from '../installation.js';
import type { GatewayRequest, Reply } from './gateway-upgrades.js';

export const ASK_PROFILE: GatewayRequest = { method: 'GET', path: '/device/general' };

/** The profile in a gateway's answer; null where it did not answer, or with something else. */
export function profileOf(reply: Reply): DeviceProfile | null {
  if (reply.kind !== 'answered' || !isSuccess(reply.status)) return null;
  return parseProfile((reply.payload as { data?: unknown } | null)?.data);
}

export function versionsOf({ tpeVersion, firmwareVersion }: DeviceProfile): GatewayVersions {
  return { tpeVersion, firmwareVersion };
}

/** When it booted last, as it tells it; null where it does not. */
export function bootTimeOf({ raw }: DeviceProfile): string | null {
  return typeof raw.lastBootTime === 'string' && raw.lastBootTime !== ''
    ? raw.lastBootTime.slice(0, 100)
    : null;
}

import { isSuccess } from '../../../protocol/answer.js';
import { parseProfile } from '../../../registry/profile.js';
import type { DeviceProfile } from '../../../registry/registry.js';
import type { GatewayVersions } from '../installation.js';
import type { GatewayRequest, Reply } from './gateway-upgrades.js';

export const ASK_PROFILE: GatewayRequest = { method: 'GET', path: '/device/general' };

/** Returns the profile in a gateway's answer; null if it did not answer, or answered with something else. */
export function profileOf(reply: Reply): DeviceProfile | null {
  if (reply.kind !== 'answered' || !isSuccess(reply.status)) return null;
  return parseProfile((reply.payload as { data?: unknown } | null)?.data);
}

/** Returns the versions in a profile. */
export function versionsOf({ tpeVersion, firmwareVersion }: DeviceProfile): GatewayVersions {
  return { tpeVersion, firmwareVersion };
}

/** Returns the time of the last boot as the gateway reports it; null if it does not. */
export function bootTimeOf({ raw }: DeviceProfile): string | null {
  return typeof raw.lastBootTime === 'string' && raw.lastBootTime !== ''
    ? raw.lastBootTime.slice(0, 100)
    : null;
}

import type { Presence } from '../manager/presence/presence.js';
import type { Device } from '../manager/registry/device.js';

/** What a gateway's row says of its presence. */
export function presenceOf(device: Device): Presence {
  const { clientid, status, since, reason, cause, source, presenceAsOf, warning, warningCause } = device;
  return { clientid, status, since, reason, cause, source, presenceAsOf, warning, warningCause };
}

import type { DeviceManager } from '../manager/device-manager.js';
import type { Device } from '../manager/registry/device.js';
import type { DeviceQuery } from '../manager/registry/device-query.js';
import { disturbedNow } from './planned-absence.js';

/**
 * A page of the gateways that have been offline for longer than `ms`, those that are for longest first. Left out are those that are disabled or
 * disturbed on purpose, so that a page may have fewer than its limit. Rejects with INVALID_INPUT or UNAVAILABLE.
 */
export async function offlineLonger(
  { registry, guard }: DeviceManager,
  query: DeviceQuery,
  ms: number,
): Promise<{ found: Device[]; next: string | null }> {
  const before = Date.now() - ms;
  const isLonger = ({ since }: Device) => since !== null && Date.parse(since) <= before;
  const page = await registry.list({ sort: 'since', ...query, status: 'offline' });
  const longer = page.devices.filter((device) => isLonger(device) && device.enabled);
  const disturbed = longer.length === 0 ? new Set() : await disturbedNow(guard);
  const isByTime = (query.sort ?? 'since') === 'since' && query.descending !== true;
  const isEnd = isByTime && !page.devices.every(isLonger);
  return {
    found: longer.filter(({ clientid }) => !disturbed.has(clientid)),
    next: isEnd ? null : page.next,
  };
}

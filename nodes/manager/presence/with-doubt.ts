import type { Device } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';

/**
 * The registry, with a warning beside each gateway that is online while that cannot be confirmed; a warning about the gateway
 * itself says more, and stays. `doubt` says why, or null.
 */
export function withDoubt(registry: Registry, doubt: () => string | null): Registry {
  const doubted = (device: Device): Device => {
    if (device.status !== 'online' || device.warning !== null) return device;
    return { ...device, warning: doubt() };
  };
  return {
    ...registry,
    async get(clientid) {
      const device = await registry.get(clientid);
      return device === null ? null : doubted(device);
    },
    async list(query) {
      const page = await registry.list(query);
      return { ...page, devices: page.devices.map(doubted) };
    },
    async *each(filter) {
      for await (const device of registry.each(filter)) yield doubted(device);
    },
  };
}

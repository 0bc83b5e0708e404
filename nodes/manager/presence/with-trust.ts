import type { Device } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';
import type { PresenceAsOf } from './as-of.js';

/**
 * The registry, whose gateways say how far their presence can be trusted: as of when it is known, and, where they are read, a
 * warning beside each one that is online while that cannot be confirmed. A warning about the gateway itself says more, and stays.
 * `doubt` says why it cannot, or null.
 */
export function withTrust(
  registry: Registry,
  asOf: () => PresenceAsOf,
  doubt: () => string | null,
): Registry {
  const dated = (device: Device): Device => ({ ...device, presenceAsOf: asOf() });

  function judged(device: Device): Device {
    const { status, warning } = device;
    return { ...dated(device), warning: status === 'online' && warning === null ? doubt() : warning };
  }

  return {
    ...registry,
    async get(clientid) {
      const device = await registry.get(clientid);
      return device === null ? null : judged(device);
    },
    async list(query) {
      const page = await registry.list(query);
      return { ...page, devices: page.devices.map(judged) };
    },
    async *each(filter) {
      for await (const device of registry.each(filter)) yield judged(device);
    },
    async register(registration) {
      const { device, credential } = await registry.register(registration);
      return { device: dated(device), credential };
    },
    update: async (clientid, change) => dated(await registry.update(clientid, change)),
    retire: async (clientid) => dated(await registry.retire(clientid)),
  };
}

import type { Device } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';
import type { Reason } from '../shared/reason.js';
import type { PresenceAsOf } from './as-of.js';

/**
 * Wraps a registry so that each gateway in its results says how far its presence can be trusted. Every result has the time for
 * which presence is known. Gateways that are read while online also get `doubt` as their warning, as long as their
 * state cannot be confirmed; a warning about the gateway itself tells a person more, so it takes precedence. `doubt` returns
 * null while presence is confirmed.
 */
export function withTrust(
  registry: Registry,
  asOf: () => PresenceAsOf,
  doubt: () => Reason | null,
): Registry {
  const dated = (device: Device): Device => ({ ...device, presenceAsOf: asOf() });

  function judged(device: Device): Device {
    const read = dated(device);
    const reason = device.status === 'online' && device.warning === null ? doubt() : null;
    return reason === null ? read : { ...read, warning: reason.text, warningCause: reason.cause };
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

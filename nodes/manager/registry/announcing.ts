import type { Device } from './device.js';
import type { Registry } from './registry.js';

/** What can happen to a gateway in the registry. */
export type DeviceChange = 'registered' | 'updated' | 'retired' | 'profile';

/** Told of each change: the gateway (null: many), what happened to it, and how it is now (null: gone, or many). */
export type TellDevice = (clientid: string | null, change: DeviceChange, device: Device | null) => void;

/** The registry, telling of each change. */
export function announcing(registry: Registry, tell: TellDevice): Registry {
  return {
    ...registry,
    async register(registration) {
      const result = await registry.register(registration);
      tell(registration.clientid, 'registered', result.device);
      return result;
    },
    async update(clientid, change) {
      const device = await registry.update(clientid, change);
      tell(clientid, 'updated', device);
      return device;
    },
    async retire(clientid) {
      const device = await registry.retire(clientid);
      tell(clientid, 'retired', null);
      return device;
    },
    async import(...file) {
      const report = await registry.import(...file);
      if (report.registered > 0) tell(null, 'registered', null);
      return report;
    },
  };
}

import type { Device } from './device.js';
import type { Registry } from './registry.js';

/** What changed about a gateway in the registry. */
export type DeviceChange = 'registered' | 'updated' | 'retired' | 'profile';

/**
 * Called with each change. `clientid` is null if many gateways changed. `device` is the new state of the gateway, null if it was retired or
 * many changed.
 */
export type EmitDevice = (clientid: string | null, change: DeviceChange, device: Device | null) => void;

/** Wraps the registry so that it emits each registration, change and retirement of a gateway. */
export function withEvents(registry: Registry, emit: EmitDevice): Registry {
  return {
    ...registry,
    async register(registration) {
      const result = await registry.register(registration);
      emit(registration.clientid, 'registered', result.device);
      return result;
    },
    async update(clientid, change) {
      const device = await registry.update(clientid, change);
      emit(clientid, 'updated', device);
      return device;
    },
    async tagMany(clientids, change) {
      const report = await registry.tagMany(clientids, change);
      if (report.changed > 0) emit(null, 'updated', null);
      return report;
    },
    async retire(clientid) {
      const device = await registry.retire(clientid);
      emit(clientid, 'retired', null);
      return device;
    },
    async import(...file) {
      const report = await registry.import(...file);
      if (report.registered > 0) emit(null, 'registered', null);
      return report;
    },
  };
}

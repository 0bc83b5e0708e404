import type { Broker } from '../broker/broker.js';
import type { Device } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';

/**
 * How far presence can be believed: ISO 8601 UTC while the broker is away, since when nothing was heard of it: what is said of
 * the gateways was so then, and nobody knows how it is now. Null while the broker is there, for this manager or for another.
 */
export type PresenceAsOf = string | null;

export interface PresenceAsOfWatch {
  asOf(): PresenceAsOf;
  /** Who is online was told, or compared, until now: events may come although the rest of the broker is away. */
  heard(): void;
}

/** To be made before the broker is opened. `othersKnow`: another manager reaches it, and keeps what is held true. */
export function watchPresenceAsOf(
  broker: Pick<Broker, 'health' | 'onHealth'>,
  othersKnow: () => boolean,
): PresenceAsOfWatch {
  // What was known before this manager was there may be older; it is not younger.
  let awaySince: number | null = broker.health().connected ? null : Date.now();
  let heardAt = 0;
  broker.onHealth(({ connected }) => {
    if (connected) awaySince = null;
    else awaySince ??= Date.now();
  });
  return {
    asOf() {
      if (awaySince === null || othersKnow()) return null;
      return new Date(Math.max(awaySince, heardAt)).toISOString();
    },
    heard() {
      heardAt = Date.now();
    },
  };
}

/** The registry, whose gateways say as of when their presence is. */
export function dated(registry: Registry, asOf: () => PresenceAsOf): Registry {
  const date = <T extends Device | null>(device: T): T =>
    device === null ? device : { ...device, presenceAsOf: asOf() };

  async function* each(...query: Parameters<Registry['each']>): AsyncGenerator<Device> {
    for await (const device of registry.each(...query)) yield date(device);
  }

  return {
    ...registry,
    async register(registration) {
      const { device, credential } = await registry.register(registration);
      return { device: date(device), credential };
    },
    get: async (clientid) => date(await registry.get(clientid)),
    async list(query) {
      const page = await registry.list(query);
      return { ...page, devices: page.devices.map(date) };
    },
    each,
    update: async (clientid, change) => date(await registry.update(clientid, change)),
    retire: async (clientid) => date(await registry.retire(clientid)),
  };
}

import type { DeviceManager } from '../manager/device-manager.js';
import type { Presence } from '../manager/presence/presence.js';
import type { Device } from '../manager/registry/device.js';
import { disturbedNow } from './planned-absence.js';
import { presenceOf } from './presence-of.js';
import type { ToldOffline } from './told-offline.js';

export interface AbsencesOptions {
  manager: DeviceManager;
  /** Which gateways are looked at. */
  isWanted(clientid: string): boolean;
  told: ToldOffline;
  send(presence: Presence): void;
  /** Whether what is known of gateways is so now, and somebody wants to be told. */
  isKnown(): boolean;
}

/** A gateway that is offline, and not told of yet. */
interface Away {
  /** As its presence says. */
  since: string | null;
  /** From when on the time counts, ms since the epoch. */
  from: number;
  /** While it is disturbed on purpose: when that is looked at again, ms since the epoch. */
  heldUntil: number;
}

/** The gateways that are offline, and those of them that were told of. */
export interface Absences {
  /** Takes a gateway that is offline, whose time counts from `from` on, ms since the epoch; default: from now on. */
  take(presence: Presence, from?: number): void;
  back(presence: Presence): void;
  forget(clientid: string): void;
  /** Reads what was offline, or is back, before there were events. Rejects with UNAVAILABLE. */
  readEarlier(): Promise<void>;
  /** Sends those that have been offline for `forMs` milliseconds. Rejects with UNAVAILABLE. */
  tell(forMs: number): Promise<void>;
  /** Has those looked at that are disturbed on purpose. Returns whether there are any. */
  lookAtHeld(): boolean;
  /** When the next one is due, ms since the epoch. */
  next(forMs: number): number;
}

/** How often it is looked whether a gateway is still disturbed on purpose, ms, where no event says so. */
const HELD_MS = 30_000;
const READ_AT_ONCE = 500;

export function createAbsences({ manager, isWanted, told, send, isKnown }: AbsencesOptions): Absences {
  const away = new Map<string, Away>();
  /** Told of before there were events: whether they are back is not known yet. */
  let unsure: string[] | null = null;
  let hasRead = false;

  const dueAt = ({ from, heldUntil }: Away, forMs: number) => Math.max(from + forMs, heldUntil);

  function take({ clientid, since }: Presence, from = Date.now()): void {
    if (!isWanted(clientid) || told.has(clientid) || away.get(clientid)?.since === since) return;
    away.set(clientid, { since, from, heldUntil: 0 });
  }

  /** Tells of those that came back while nobody looked. */
  async function tellBack(): Promise<void> {
    unsure ??= await told.remembered();
    while (unsure.length > 0) {
      const some = unsure.slice(0, READ_AT_ONCE);
      const devices = await devicesOf(manager, some);
      if (!isKnown()) return;
      for (const clientid of some) {
        const device = devices.get(clientid);
        if (device?.status === 'offline' && isWanted(clientid)) continue;
        if (told.remove(clientid) && device?.status === 'online') send(presenceOf(device));
      }
      unsure = unsure.slice(some.length);
    }
  }

  function tellOne(device: Device | undefined, clientid: string, forMs: number, isDisturbed: boolean): void {
    const one = away.get(clientid);
    // While it was read, it may have come back.
    if (one === undefined || dueAt(one, forMs) > Date.now()) return;
    if (device?.status !== 'offline' || !device.enabled || told.has(clientid)) {
      away.delete(clientid);
    } else if (device.since !== one.since) {
      away.set(clientid, { since: device.since, from: sinceOf(device), heldUntil: 0 });
    } else if (isDisturbed) {
      one.heldUntil = Date.now() + HELD_MS;
    } else {
      away.delete(clientid);
      told.add(clientid);
      send(presenceOf(device));
    }
  }

  return {
    take,
    back(presence) {
      away.delete(presence.clientid);
      if (told.remove(presence.clientid)) send(presence);
    },
    forget(clientid) {
      away.delete(clientid);
      told.remove(clientid);
    },
    async readEarlier() {
      await tellBack();
      if (hasRead) return;
      for await (const device of manager.registry.each({ status: 'offline' })) {
        if (!isKnown()) return;
        take(presenceOf(device), sinceOf(device));
      }
      hasRead = true;
    },
    async tell(forMs) {
      const now = Date.now();
      const due = [...away].filter(([, one]) => dueAt(one, forMs) <= now).map(([clientid]) => clientid);
      if (due.length === 0) return;
      const disturbed = await disturbedNow(manager.guard);
      for (let start = 0; start < due.length; start += READ_AT_ONCE) {
        const some = due.slice(start, start + READ_AT_ONCE);
        const devices = await devicesOf(manager, some);
        if (!isKnown()) return;
        for (const id of some) tellOne(devices.get(id), id, forMs, disturbed.has(id));
      }
    },
    lookAtHeld() {
      const held = [...away.values()].filter(({ heldUntil }) => heldUntil > 0);
      for (const one of held) one.heldUntil = 0;
      return held.length > 0;
    },
    next: (forMs) =>
      [...away.values()].reduce((least, one) => Math.min(least, dueAt(one, forMs)), Number.POSITIVE_INFINITY),
  };
}

async function devicesOf({ registry }: DeviceManager, clientids: string[]): Promise<Map<string, Device>> {
  const devices = new Map<string, Device>();
  for await (const device of registry.each({ clientids })) devices.set(device.clientid, device);
  return devices;
}

/** Since when it is offline, ms since the epoch; the clock of the database may be ahead. */
function sinceOf({ since }: Device): number {
  const time = since === null ? Number.NaN : Date.parse(since);
  return Number.isNaN(time) ? Date.now() : Math.min(time, Date.now());
}

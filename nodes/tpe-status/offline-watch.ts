import type { DeviceManager, ManagerEvents } from '../manager/device-manager.js';
import { asTpeError, type TpeError } from '../manager/shared/tpe-error.js';
import { type AbsencesOptions, createAbsences } from './absences.js';
import { createKnownPresence } from './known-presence.js';
import { createLooks } from './looks.js';
import { presenceOf } from './presence-of.js';

export interface OfflineWatchOptions extends Omit<AbsencesOptions, 'isKnown'> {
  /** How long a gateway must be offline, ms; asked at each look. Rejects with INVALID_INPUT. */
  forMs(): Promise<number>;
  onFault(error: TpeError): void;
}

/** Events that come together are one look, ms. */
const SOON_MS = 200;
/** While broker or database are away, ms. */
const AWAY_MS = 5000;
const AFTER_FAULT_MS = 60_000;

/**
 * Sends the presence of each gateway that has been offline for a time without a break, and again when it is back. One timer serves all of
 * them. Returns the function that ends it.
 */
export function watchOffline(options: OfflineWatchOptions): () => void {
  const { manager, told } = options;
  const isKnownBy = createKnownPresence(manager.health());
  let isClosed = false;
  const isKnown = () => !isClosed && isKnownBy(manager.health());
  const absences = createAbsences({ ...options, isKnown });
  const looks = createLooks(look);
  let forMs = 0;

  async function look(): Promise<number> {
    try {
      forMs = await options.forMs();
      if (!isKnown()) return Date.now() + AWAY_MS;
      await absences.readEarlier();
      await absences.tell(forMs);
      return absences.next(forMs);
    } catch (error) {
      const fault = asTpeError(error);
      // The status of the node says it already.
      if (isClosed || fault.code === 'UNAVAILABLE') return Date.now() + AWAY_MS;
      options.onFault(fault);
      return Date.now() + AFTER_FAULT_MS;
    }
  }

  const stop = listen(manager, {
    presence(presence) {
      if (presence.status === 'online') absences.back(presence);
      if (presence.status !== 'offline') return;
      absences.take(presence);
      looks.at(Date.now() + forMs);
    },
    device({ clientid, change, device }) {
      if (clientid !== null && change === 'retired') absences.forget(clientid);
      else if (device?.status === 'offline' && device.enabled) {
        // One that is enabled again counts from now on.
        absences.take(presenceOf(device));
        looks.at(Date.now() + forMs);
      }
    },
    guard() {
      if (absences.lookAtHeld()) looks.at(Date.now() + SOON_MS);
    },
    health() {
      if (isKnown()) looks.at(Date.now() + SOON_MS);
    },
  });
  looks.at(Date.now());

  return () => {
    isClosed = true;
    stop();
    looks.close();
    told.close();
  };
}

type Listeners = {
  [Name in 'presence' | 'device' | 'guard' | 'health']: (value: ManagerEvents[Name][0]) => void;
};

/** Returns the function that ends it. */
function listen({ events }: DeviceManager, { presence, device, guard, health }: Listeners): () => void {
  events.on('presence', presence).on('device', device).on('guard', guard).on('health', health);
  return () => {
    events.off('presence', presence).off('device', device).off('guard', guard).off('health', health);
  };
}

import type { Broker } from '../broker/broker.js';
import type { CommandRecord } from '../commands/command.js';
import type { Database } from '../database/database.js';
import type { DeviceFilter } from '../registry/device-filter.js';
import { markSeen, markUnresponsive } from './last-seen.js';
import type { Presence } from './presence.js';
import { probe } from './probe.js';

export interface SilenceOptions {
  database: Database;
  broker: Pick<Broker, 'knowsPresence'>;
  each(filter: DeviceFilter): AsyncIterable<{ clientid: string }>;
  /** Requests the gateway's profile as a probe; resolves with the record of the command. */
  ask(clientid: string): Promise<CommandRecord>;
  /** Called with changes that were written; returns their number. */
  tell(changes: readonly Presence[]): number;
  closing: AbortSignal;
}

/**
 * Presence for brokers that do not report connections: a gateway that sends a message is online, and one that does not answer a
 * probe is offline.
 */
export interface Silence {
  /**
   * Marks a gateway that sent a message as online. Does nothing where the broker reports connections. Rejects as the database
   * does.
   */
  heard(clientid: string): Promise<void>;
  /** Probes all enabled gateways and marks those without an answer as offline; resolves with the number of corrections. */
  probeAll(): Promise<number>;
  /** Call it when a gateway is no longer online, so that its next message is written again. */
  forget(clientid: string): void;
}

/** Creates the presence rules for a broker without a client list. `closing` ends a probe that is under way. */
export function createSilence({ database, broker, each, ask, tell, closing }: SilenceOptions): Silence {
  /** Gateways already stored as online: their next message needs no write. */
  const knownOnline = new Set<string>();

  async function probeAll(): Promise<number> {
    let corrections = 0;
    const onSilent = async (clientid: string) => {
      knownOnline.delete(clientid);
      corrections += tell(await markUnresponsive(database, [clientid]));
    };
    await probe({ each, ask, onSilent }, closing);
    return corrections;
  }

  return {
    async heard(clientid) {
      if (broker.knowsPresence || knownOnline.has(clientid)) return;
      knownOnline.add(clientid);
      try {
        tell(await markSeen(database, [clientid]));
      } catch (error) {
        knownOnline.delete(clientid);
        throw error;
      }
    },
    probeAll,
    forget: (clientid) => void knownOnline.delete(clientid),
  };
}

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
  /** Asks a gateway for its profile; resolves with the record of the command. */
  ask(clientid: string): Promise<CommandRecord>;
  /** Told of changes that were written; returns how many they are. */
  tell(changes: readonly Presence[]): number;
  closing: AbortSignal;
}

/** Where a broker does not tell who is connected: who speaks is online, and who does not answer is offline. */
export interface Silence {
  /** A gateway spoke. */
  heard(clientid: string): Promise<void>;
  /** Asks all; resolves with the number of corrections. */
  probeAll(): Promise<number>;
  /** It is not online any more. */
  forget(clientid: string): void;
}

export function createSilence({ database, broker, each, ask, tell, closing }: SilenceOptions): Silence {
  /** Those of whom nothing needs to be written when they speak. */
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

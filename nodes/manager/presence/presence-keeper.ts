import type { Broker } from '../broker/broker.js';
import type { CommandRecord } from '../commands/command.js';
import type { Database } from '../database/database.js';
import type { DeviceFilter } from '../registry/device.js';
import { messageOf } from '../tpe-error.js';
import type { PresenceEvent } from './apply-events.js';
import { markHeard, markSilent } from './heard.js';
import type { Presence } from './presence.js';
import { createPresenceWriter } from './presence-writer.js';
import { probe } from './probe.js';
import { reconcile } from './reconcile.js';

export interface PresenceKeeperOptions {
  database: Database;
  broker: Broker;
  each(filter: DeviceFilter): AsyncIterable<{ clientid: string }>;
  /** Asks a gateway for its profile as a probe; resolves with the record of the command. */
  ask(clientid: string): Promise<CommandRecord>;
  /** Told of each change that was written. */
  onChange(presence: Presence): void;
  onTrouble(error: unknown): void;
  onFault(text: string): void;
}

export interface PresenceKeeper {
  /** Resolves when the event is in the database, with what it changed (null: nothing). */
  apply(event: PresenceEvent): Promise<Presence | null>;
  /** A gateway spoke: where the broker does not tell who is connected, that makes it online. */
  heard(clientid: string): Promise<void>;
  /** Makes presence true once: by the broker's list, or by probing. Resolves with the number of corrections. */
  check(): Promise<number>;
  /** Checks now and every few minutes. */
  start(): void;
  close(): Promise<void>;
}

const RECONCILE_EVERY_MS = 5 * 60_000;
const PROBE_EVERY_MS = 15 * 60_000;

/** Keeps presence true: by events, by the broker's own list, and where it has none, by what gateways say. */
export function createPresenceKeeper(options: PresenceKeeperOptions): PresenceKeeper {
  const { database, broker } = options;
  const writer = createPresenceWriter(database, options.onTrouble);
  const knownOnline = new Set<string>();
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let checking: Promise<number> | null = null;

  function tell(changes: readonly Presence[]): number {
    for (const change of changes) {
      if (change.status !== 'online') knownOnline.delete(change.clientid);
      options.onChange(change);
    }
    return changes.length;
  }

  async function checkOnce(): Promise<number> {
    if (broker.knowsPresence) return tell(await reconcile(database, broker));
    let corrections = 0;
    const onSilent = async (clientid: string) => {
      knownOnline.delete(clientid);
      corrections += tell(await markSilent(database, [clientid]));
    };
    await probe({ each: options.each, ask: options.ask, onSilent }, closing.signal);
    return corrections;
  }

  function check(): Promise<number> {
    checking ??= checkOnce().finally(() => {
      checking = null;
    });
    return checking;
  }

  function checkAndRepeat(): void {
    check()
      .catch((error) => options.onFault(`Presence could not be checked: ${messageOf(error)}`))
      .finally(() => {
        if (closing.signal.aborted) return;
        timer = setTimeout(checkAndRepeat, broker.knowsPresence ? RECONCILE_EVERY_MS : PROBE_EVERY_MS);
      });
  }

  return {
    async apply(event) {
      const change = await writer.apply(event);
      if (change !== null) tell([change]);
      return change;
    },
    async heard(clientid) {
      if (broker.knowsPresence || knownOnline.has(clientid)) return;
      knownOnline.add(clientid);
      try {
        tell(await markHeard(database, [clientid]));
      } catch (error) {
        knownOnline.delete(clientid);
        throw error;
      }
    },
    check,
    start: checkAndRepeat,
    async close() {
      closing.abort();
      clearTimeout(timer);
      await writer.close();
    },
  };
}

import type { Broker } from '../broker/broker.js';
import type { CommandRecord } from '../commands/command.js';
import type { Database } from '../database/database.js';
import { createEnding } from '../ending.js';
import type { Schedule } from '../instances/schedule.js';
import { createOnceAMinute } from '../once-a-minute.js';
import type { DeviceFilter } from '../registry/device-filter.js';
import { messageOf } from '../tpe-error.js';
import type { PresenceEvent } from './apply-events.js';
import { markHeard, markSilent } from './heard.js';
import type { Presence } from './presence.js';
import { createPresenceWriter } from './presence-writer.js';
import { probe } from './probe.js';
import { type Reconciled, reconcile, reconcileOne } from './reconcile.js';
import { createSuspects } from './suspects.js';

export interface PresenceKeeperOptions {
  database: Database;
  broker: Broker;
  schedule: Schedule;
  each(filter: DeviceFilter): AsyncIterable<{ clientid: string }>;
  /** Asks a gateway for its profile as a probe; resolves with the record of the command. */
  ask(clientid: string): Promise<CommandRecord>;
  /** Told of each change that was written. */
  onChange(presence: Presence): void;
  /** Told when a check has ended. */
  onChecked(): void;
  onFault(text: string): void;
  /** Told of each write of so many events. */
  onWritten(items: number, ms: number): void;
}

/** How true presence was found to be. */
export interface PresenceHealth {
  /** The end of the last comparison with the broker by this manager, ISO 8601 UTC; null before the first. */
  checkedAt: string | null;
  /** How many clients the broker listed then as connected; null where it has no list. */
  listed: number | null;
  /** How many gateways that corrected: the drift. */
  corrected: number;
  /** And since this manager was opened. */
  correctedInAll: number;
}

export interface PresenceKeeper {
  /** Resolves when the event is in the database. */
  apply(event: PresenceEvent): Promise<void>;
  /** A gateway spoke: where the broker does not tell who is connected, that makes it online. */
  heard(clientid: string): Promise<void>;
  /** Makes presence true once: by the broker's list, or by probing. Resolves with the number of corrections. */
  check(): Promise<number>;
  /** Checks now and every few minutes; with several managers, one of them does. */
  start(): void;
  /** Events may have been lost: checks now, unless another manager has just done so. */
  checkSoon(): void;
  health(): PresenceHealth;
  /** How many events wait for the database. */
  waiting(): number;
  close(): Promise<void>;
}

const TASK = 'presence';
const RECONCILE_EVERY_MS = 5 * 60_000;
const PROBE_EVERY_MS = 15 * 60_000;
/** What another manager found so long ago still holds. */
const STILL_TRUE_MS = 10_000;

/** Keeps presence true: by events, by the broker's own list, and where it has none, by what gateways say. */
export function createPresenceKeeper(options: PresenceKeeperOptions): PresenceKeeper {
  const { database, broker } = options;
  const everyMs = broker.knowsPresence ? RECONCILE_EVERY_MS : PROBE_EVERY_MS;
  const writer = createPresenceWriter({
    database,
    canAsk: broker.knowsPresence,
    onWritten: options.onWritten,
  });
  const suspects = createSuspects({
    async checkOne(clientid) {
      count(takeIn(await reconcileOne(database, broker, clientid)));
    },
    // Whatever another manager has done: its comparison may be older than the doubt.
    checkAll: () => checkUnlessDone(0),
    onFault: (clientid, error) =>
      options.onFault(`How ${JSON.stringify(clientid)} stands could not be asked: ${messageOf(error)}`),
  });
  const warn = createOnceAMinute(options.onFault);
  const knownOnline = new Set<string>();
  const closing = createEnding();
  const health: PresenceHealth = { checkedAt: null, listed: null, corrected: 0, correctedInAll: 0 };
  let timer: NodeJS.Timeout | undefined;
  let checking: Promise<number> | null = null;

  function tell(changes: readonly Presence[]): number {
    for (const change of changes) {
      if (change.status !== 'online') knownOnline.delete(change.clientid);
      options.onChange(change);
      if (change.warning === null) continue;
      warn(change.clientid, `${JSON.stringify(change.clientid)}: ${change.warning}.`);
    }
    return changes.length;
  }

  function count(corrections: number): void {
    health.correctedInAll += corrections;
  }

  async function checkOnce(): Promise<number> {
    const corrected = broker.knowsPresence ? await compare() : await probeAll();
    health.checkedAt = new Date().toISOString();
    health.corrected = corrected;
    count(corrected);
    options.onChecked();
    return corrected;
  }

  async function compare(): Promise<number> {
    const reconciled = await reconcile(database, broker);
    health.listed = reconciled.listed;
    return takeIn(reconciled);
  }

  function takeIn({ corrected, unsettled }: Omit<Reconciled, 'listed'>): number {
    for (const clientid of unsettled) suspects.add(clientid);
    return tell(corrected);
  }

  async function probeAll(): Promise<number> {
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

  /**
   * Checks unless another manager did so within `restMs`; never rejects. A comparison that is under way began too early
   * to tell of what happened since.
   */
  async function checkUnlessDone(restMs: number): Promise<void> {
    try {
      await checking?.catch(() => undefined);
      if (await options.schedule.claim(TASK, restMs)) await check();
    } catch (error) {
      if (!closing.signal.aborted) options.onFault(`Presence could not be checked: ${messageOf(error)}`);
    }
  }

  async function checkAndRepeat(restMs: number): Promise<void> {
    await checkUnlessDone(restMs);
    if (closing.signal.aborted) return;
    timer = setTimeout(() => void checkAndRepeat(everyMs / 2), everyMs);
  }

  function checkSoon(): void {
    if (broker.knowsPresence && !closing.signal.aborted) void checkUnlessDone(STILL_TRUE_MS);
  }

  return {
    async apply(event) {
      const { change, isDoubtful } = await writer.apply(event);
      if (change !== null) tell([change]);
      if (isDoubtful) suspects.add(event.clientid);
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
    start: () => void checkAndRepeat(STILL_TRUE_MS),
    checkSoon,
    health: () => ({ ...health }),
    waiting: writer.waiting,
    async close() {
      closing.abort();
      clearTimeout(timer);
      suspects.close();
      await writer.close();
    },
  };
}

import type { Broker } from '../broker/broker.js';
import type { Schedule } from '../cluster/recurring-tasks.js';
import type { CommandRecord } from '../commands/command.js';
import type { Database } from '../database/database.js';
import type { DeviceFilter } from '../registry/device-filter.js';
import { createEnding } from '../shared/ending.js';
import type { Cause, Reason } from '../shared/reason.js';
import { createThrottledLog } from '../shared/throttled-log.js';
import { messageOf } from '../shared/tpe-error.js';
import type { PresenceEvent } from './apply-events.js';
import { createCheckTurns } from './check-turns.js';
import { createListDoubts } from './list-doubts.js';
import type { Presence } from './presence.js';
import { createPresenceWriter } from './presence-writer.js';
import { createRecheckQueue } from './recheck-queue.js';
import { type ReconciledOne, reconcile, reconcileOne } from './reconcile.js';
import { createSilence } from './silence.js';

export interface PresenceKeeperOptions {
  database: Database;
  broker: Broker;
  schedule: Schedule;
  each(filter: DeviceFilter): AsyncIterable<{ clientid: string }>;
  /** Requests a gateway's profile as a probe; resolves with the record of the command. */
  ask(clientid: string): Promise<CommandRecord>;
  /** Called with each change after it was written. */
  onChange(presence: Presence): void;
  /** Called when a check has ended, and when the doubt about the broker's list changes. */
  onChecked(): void;
  onFault(text: string): void;
  /** Called after each write, with the number of events and the duration in ms. */
  onWritten(items: number, ms: number): void;
}

/** What the last check of presence found. */
export interface PresenceHealth {
  /** When this manager's last check ended, ISO 8601 UTC; null before the first. */
  checkedAt: string | null;
  /** How many clients the broker listed as connected in that check; null where the broker has no list. */
  listed: number | null;
  /** How many gateways that check corrected: the drift. */
  corrected: number;
  /** How many gateways were corrected since this manager was opened. */
  correctedInAll: number;
  /** Why the broker's list cannot be trusted now, for a person; null if it can, and while the broker is away. */
  unconfirmed: string | null;
  unconfirmedCause: Cause | null;
}

export interface PresenceKeeper {
  /** Resolves when the event is in the database. Rejects as PresenceWriter.apply does. */
  apply(event: PresenceEvent): Promise<void>;
  /** Call it when a gateway sent a message: where the broker does not report connections, that proves the gateway online. */
  heard(clientid: string): Promise<void>;
  /** Queries the broker about one gateway and corrects its presence. Rejects if the broker cannot be queried. */
  lookInto(clientid: string): Promise<void>;
  /**
   * Corrects the presence of all gateways once: by the broker's list, or by probing where the broker has none. Resolves with
   * the number of corrections. A call during a check joins that check.
   */
  check(): Promise<number>;
  /** Checks now and then every few minutes. Of several managers on a database, one does it for all. */
  start(): void;
  /** Call it when events may have been lost: a check follows in a moment, unless another manager begins one first. */
  checkSoon(): void;
  health(): PresenceHealth;
  /** What `unconfirmed` in `health` says. */
  doubt(): Reason | null;
  /** How many events wait for the database. */
  waiting(): number;
  close(): Promise<void>;
}

const RECONCILE_EVERY_MS = 5 * 60_000;
/** Checks come more often while the broker's list is not trusted. */
const DOUBTFUL_EVERY_MS = 60_000;
const PROBE_EVERY_MS = 15 * 60_000;

/**
 * Keeps presence up to date by the broker's events and its client list; where the broker has no such list, by messages of the
 * gateways and by probes.
 */
export function createPresenceKeeper(options: PresenceKeeperOptions): PresenceKeeper {
  const { database, broker } = options;
  const writer = createPresenceWriter({
    database,
    canAsk: broker.knowsPresence,
    onWritten: options.onWritten,
  });
  const recheckQueue = createRecheckQueue({
    checkOne: lookInto,
    checkAll: checkSoon,
    onFault: (clientid, error) =>
      options.onFault(`The status of ${JSON.stringify(clientid)} could not be checked: ${messageOf(error)}`),
  });
  const warn = createThrottledLog(options.onFault);
  const closing = createEnding();
  const health: Omit<PresenceHealth, 'unconfirmed' | 'unconfirmedCause'> = {
    checkedAt: null,
    listed: null,
    corrected: 0,
    correctedInAll: 0,
  };
  const turns = createCheckTurns({
    schedule: options.schedule,
    everyMs() {
      if (!broker.knowsPresence) return PROBE_EVERY_MS;
      return doubts.reason() === null ? RECONCILE_EVERY_MS : DOUBTFUL_EVERY_MS;
    },
    canCheck: () => !broker.knowsPresence || broker.canBeAsked(),
    check,
    onFault(error) {
      if (!closing.signal.aborted) options.onFault(`Presence could not be checked: ${messageOf(error)}`);
    },
  });
  let checking: Promise<number> | null = null;
  const silence = createSilence({ ...options, tell, closing: closing.signal });
  const doubts = createListDoubts({
    database,
    broker,
    closing: closing.signal,
    checkSoon: () => turns.soon('seen'),
    onFault: options.onFault,
    onChange: options.onChecked,
  });
  broker.onGap(checkSoon);

  function tell(changes: readonly Presence[]): number {
    for (const change of changes) {
      if (change.status !== 'online') silence.forget(change.clientid);
      options.onChange(change);
      if (change.warning === null) continue;
      warn(change.clientid, `${JSON.stringify(change.clientid)}: ${change.warning}.`);
    }
    return changes.length;
  }

  async function lookInto(clientid: string): Promise<void> {
    const corrected = takeIn(await reconcileOne(database, broker, clientid));
    health.correctedInAll += corrected;
  }

  async function checkOnce(): Promise<number> {
    const corrected = broker.knowsPresence ? await compare() : await silence.probeAll();
    health.checkedAt = new Date().toISOString();
    health.corrected = corrected;
    health.correctedInAll += corrected;
    options.onChecked();
    return corrected;
  }

  async function compare(): Promise<number> {
    const { listed, unasked, ...reconciled } = await reconcile(database, broker, doubts.judge);
    health.listed = listed;
    doubts.set(reconciled.doubt);
    for (const fault of unasked)
      options.onFault(`A client could not be checked, and its status stays: ${fault}`);
    const corrected = takeIn(reconciled);
    doubts.compared(corrected);
    return corrected;
  }

  function takeIn({ corrected, unsettled }: ReconciledOne): number {
    for (const clientid of unsettled) recheckQueue.add(clientid);
    return tell(corrected);
  }

  function check(): Promise<number> {
    checking ??= checkOnce().finally(() => {
      checking = null;
    });
    return checking;
  }

  function checkSoon(): void {
    if (broker.knowsPresence && !closing.signal.aborted) turns.soon('lost');
  }

  return {
    apply(event) {
      doubts.noteSender(event.node);
      return writer.apply(event).then(({ change, isInconclusive }) => {
        if (change !== null) tell([change]);
        if (isInconclusive) recheckQueue.add(event.clientid);
      });
    },
    heard: silence.heard,
    lookInto,
    check,
    start: turns.start,
    checkSoon,
    health: () => ({ ...health, ...unconfirmedBy(doubts.shown()) }),
    doubt: doubts.shown,
    waiting: writer.waiting,
    async close() {
      closing.abort();
      turns.close();
      recheckQueue.close();
      await writer.close();
    },
  };
}

function unconfirmedBy(doubt: Reason | null): Pick<PresenceHealth, 'unconfirmed' | 'unconfirmedCause'> {
  return { unconfirmed: doubt?.text ?? null, unconfirmedCause: doubt?.cause ?? null };
}

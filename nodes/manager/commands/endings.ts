import { messageOf } from '../shared/tpe-error.js';
import { type CommandRecord, hasEnded } from './command.js';
import type { CommandEnd, CommandStore } from './command-store.js';
import type { Deadlines } from './deadlines.js';
import { dropWaiting, type GatewayQueue, type GatewayQueues } from './gateway-queue.js';
import type { LateRedactions } from './late-redactions.js';
import type { Waiters } from './waiters.js';

export interface EndingsOptions {
  store: Pick<CommandStore, 'end' | 'read'>;
  queues: GatewayQueues;
  deadlines: Pick<Deadlines, 'has' | 'clear' | 'retry'>;
  waiters: Pick<Waiters, 'has' | 'tell'>;
  late: Pick<LateRedactions, 'keep'>;
  /** The name of this manager. */
  instance: string;
  isClosed(): boolean;
  /** Called when the slot of this queue is free, so that its next command can be sent. */
  onFree(queue: GatewayQueue): void;
  /** Called with each record that ended here. */
  onRecord(record: CommandRecord): void;
  /** Called with a command that was open here and was ended by another manager. */
  onEndedElsewhere(record: CommandRecord): void;
  onFault(text: string): void;
}

/** Ends commands and releases what belongs to them: waiters, deadline, place in the queue. */
export interface Endings {
  /**
   * Ends a command that is still in the state `from`, frees its place in the queue and lets the queue go on. Resolves with null if the
   * command had left that state, or if the database failed; an end by deadline is then tried again.
   */
  end(clientid: string, ending: CommandEnd): Promise<CommandRecord | null>;
  /** Applies ends that other managers wrote. Rejects when the database cannot be read. */
  endedElsewhere(requestIds: readonly string[]): Promise<void>;
  /** Releases what belongs to a command whose end is in the database already. */
  settle(record: CommandRecord): void;
}

/** Creates the part that ends the commands of this manager. */
export function createEndings(options: EndingsOptions): Endings {
  const { store, queues, deadlines, waiters } = options;

  async function end(clientid: string, ending: CommandEnd): Promise<CommandRecord | null> {
    const record = await store.end(ending).catch((error) => couldNotEnd(ending.requestId, error));
    if (record === undefined) return null;
    if (record !== null) settle(record);
    else await leftItsState(clientid, ending.requestId);
    return record;
  }

  function couldNotEnd(requestId: string, error: unknown): undefined {
    if (options.isClosed()) return;
    options.onFault(`Command ${requestId} could not be ended: ${messageOf(error)}`);
    deadlines.retry(requestId);
  }

  /**
   * Handles a command that was not in the expected state: it has ended, perhaps through another manager whose message has not arrived yet;
   * it has just been sent; or another manager has taken it over.
   */
  async function leftItsState(clientid: string, requestId: string): Promise<void> {
    const found = await store.read([requestId]).catch(() => null);
    if (found === null) return deadlines.retry(requestId);
    const [record] = found;
    if (record !== undefined && hasEnded(record.state)) return applyEnd(record);
    if (record?.instance === options.instance) return deadlines.retry(requestId);
    leave(clientid, requestId);
  }

  async function endedElsewhere(requestIds: readonly string[]): Promise<void> {
    const wanted = requestIds.filter((requestId) => deadlines.has(requestId) || waiters.has(requestId));
    for (const record of await store.read(wanted)) {
      if (hasEnded(record.state)) applyEnd(record);
    }
  }

  function applyEnd(record: CommandRecord): void {
    const isOpen = deadlines.has(record.requestId);
    waiters.tell(record);
    leave(record.clientid, record.requestId);
    if (isOpen) options.onEndedElsewhere(record);
  }

  function settle(record: CommandRecord): void {
    options.onRecord(record);
    waiters.tell(record);
    leave(record.clientid, record.requestId);
  }

  function leave(clientid: string, requestId: string): void {
    const ended = deadlines.clear(requestId);
    if (ended?.redaction) options.late.keep(requestId, ended.redaction);
    const queue = queues.find(clientid);
    if (queue === undefined) return;
    const onlyWaited = queue.waiting.some((waiting) => waiting.requestId === requestId);
    dropWaiting(queue, requestId);
    queues.free(clientid, requestId);
    // The command may have blocked a claim even if it did not hold the slot here: another manager sent it, or the slot was taken when it
    // was resumed. So the queue goes on, unless the command only waited.
    if (!onlyWaited && queue.inFlight === null) options.onFree(queue);
    else queues.tidy(queue);
  }

  return { end, endedElsewhere, settle };
}

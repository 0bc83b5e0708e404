import type { Broker } from '../broker/broker.js';
import type { CommandRecord } from './command.js';
import { commandReason } from './command-reasons.js';
import type { CommandStanding, CommandStore } from './command-store.js';
import type { Deadlines } from './deadlines.js';
import type { Endings } from './endings.js';
import { dropWaiting, type GatewayQueue, type GatewayQueues, type WaitingCommand } from './gateway-queue.js';
import type { Hold } from './holding.js';
import type { Send } from './sending.js';
import type { Slots, Withheld } from './slots.js';

export interface AdvanceOptions {
  broker: Pick<Broker, 'canPublish'>;
  store: Pick<CommandStore, 'claim' | 'standing'>;
  slots: Slots;
  hold: Hold;
  /** How often what is held was looked at again. */
  looks(): number;
  queues: Pick<GatewayQueues, 'free' | 'tidy'>;
  deadlines: Pick<Deadlines, 'get'>;
  endings: Pick<Endings, 'end'>;
  send: Send;
  /** The name of this manager. */
  instance: string;
  isClosed(): boolean;
  /** Called with each record that becomes SENT. */
  onRecord(record: CommandRecord): void;
}

/** The pause before the database is asked again, when it could not say what blocks a command, ms. */
const RETRY_MS = 10_000;

/** Sends the next command of a queue whose slot is free, if its gateway is connected. Never rejects. */
export type AdvanceQueue = (queue: GatewayQueue) => Promise<void>;

/** Creates the function that advances the queues of this manager. */
export function createAdvanceQueue(options: AdvanceOptions): AdvanceQueue {
  const { store, deadlines } = options;

  async function advance(queue: GatewayQueue): Promise<void> {
    if (queue.inFlight !== null) {
      queue.lookAgain = true;
      return;
    }
    // What a stop or the guard holds lets others pass.
    const next = queue.waiting.find(({ isHeld }) => !isHeld);
    if (next === undefined || options.isClosed()) return options.queues.tidy(queue);
    // The command waits until this manager, or another one, reaches the broker; then `brokerBack` goes on.
    if (!options.broker.canPublish()) return;
    queue.inFlight = next.requestId;
    queue.lookAgain = false;
    const held = await whyHeld(queue, next);
    if (held !== null) {
      options.queues.free(queue.clientid, next.requestId);
      if (held === 'unknown') return tryAgain(queue);
      await withhold(options, queue, next, held);
      return await advance(queue);
    }
    const claimed = await store.claim(next.requestId, next.changes).catch(() => null);
    if (claimed !== null) {
      dropWaiting(queue, next.requestId);
      options.onRecord(claimed.record);
      const redaction = deadlines.get(next.requestId)?.redaction ?? null;
      return void options.send(claimed.record, claimed.request, redaction);
    }
    // The slot stays taken while it is read why: a claim that succeeds in between would be taken for one that was lost.
    const standing = await store.standing(next.requestId).catch(() => undefined);
    if (next.disturbs && isOursQueued(options, standing))
      await options.slots.giveBack(commandOf(queue, next));
    options.queues.free(queue.clientid, next.requestId);
    if (standing === undefined) return tryAgain(queue);
    await explainBlocked(options, queue, next.requestId, standing);
    if (queue.lookAgain) await advance(queue);
  }

  /** Takes a slot of the guard for a command that needs one; else returns who holds it. A look that came meanwhile is not missed. */
  async function whyHeld(queue: GatewayQueue, next: WaitingCommand): Promise<Withheld | 'unknown' | null> {
    if (!next.disturbs) return null;
    const before = options.looks();
    const withheld = await options.slots.take(commandOf(queue, next)).catch(() => 'unknown' as const);
    if (withheld === null || withheld === 'unknown' || options.looks() === before) return withheld;
    return await options.slots.take(commandOf(queue, next)).catch(() => 'unknown' as const);
  }

  /** Advances the queue later, since the database could not say what blocks the command. */
  function tryAgain(queue: GatewayQueue): void {
    setTimeout(() => void advance(queue), RETRY_MS).unref();
  }

  return advance;
}

/** Handles a command that was not claimed: it has ended or belongs to another manager, or its gateway is busy or offline. */
async function explainBlocked(
  options: AdvanceOptions,
  queue: GatewayQueue,
  requestId: string,
  standing: CommandStanding | null,
): Promise<void> {
  const isOurs = standing?.record.instance === options.instance;
  if (standing?.record.state !== 'QUEUED' || !isOurs) {
    dropWaiting(queue, requestId);
    queue.lookAgain = true;
    if (standing?.record.state === 'SENT' && isOurs)
      await withdrawClaimed(options, queue.clientid, requestId);
    return;
  }
  // The command that blocked this one has just ended, perhaps at another manager.
  if (standing.obstacle === null) queue.lookAgain = true;
  if (standing.obstacle === 'offline') await refuseUnlessPatient(options, queue);
  if (standing.stopped === null) return;
  queue.lookAgain = true;
  const waiting = queue.waiting.find((one) => one.requestId === requestId);
  if (waiting !== undefined)
    await withhold(options, queue, waiting, { code: 'STOPPED', reason: standing.stopped });
}

/** A command that may not be sent now is refused, or held until `guardChanged`, and others may pass. */
async function withhold(
  options: AdvanceOptions,
  { clientid }: GatewayQueue,
  waiting: WaitingCommand,
  { code, reason }: Withheld,
): Promise<void> {
  options.hold(waiting, reason);
  if (waiting.whenGuarded === 'queue') return;
  const { requestId } = waiting;
  await options.endings.end(clientid, { requestId, from: 'QUEUED', to: 'REJECTED', reason, code });
}

/** A slot is given back only by the manager whose command it still is: another one may have taken it over, and sent it. */
function isOursQueued({ instance }: AdvanceOptions, standing: CommandStanding | null | undefined): boolean {
  return standing?.record.state === 'QUEUED' && standing.record.instance === instance;
}

function commandOf({ clientid }: GatewayQueue, { requestId }: WaitingCommand) {
  return { clientid, requestId };
}

/**
 * Ends a command that the database claimed before it failed to say so. Its request is no longer in the record and cannot be sent, and an
 * unsent command in flight would block the gateway until its deadline.
 */
async function withdrawClaimed(
  { endings }: AdvanceOptions,
  clientid: string,
  requestId: string,
): Promise<void> {
  const reason = commandReason('not-sent-database-away-claiming');
  await endings.end(clientid, { requestId, from: 'SENT', to: 'REJECTED', reason, code: 'UNAVAILABLE' });
}

/** Ends the queued commands that do not wait for a gateway that is offline. */
async function refuseUnlessPatient({ endings }: AdvanceOptions, queue: GatewayQueue): Promise<void> {
  const refused = queue.waiting.filter((waiting) => waiting.whenOffline === 'fail');
  const reason = commandReason('gateway-went-offline');
  for (const { requestId } of refused) {
    await endings.end(queue.clientid, {
      requestId,
      from: 'QUEUED',
      to: 'REJECTED',
      reason,
      code: 'OFFLINE',
    });
  }
}

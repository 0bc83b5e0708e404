import type { Broker } from '../broker/broker.js';
import { isUnavailable } from '../database/unavailable.js';
import { disturbs } from '../guard/disturbs.js';
import { stopsHold } from '../guard/stops-hold.js';
import type { CheckedRequest } from '../protocol/request.js';
import type { Redaction } from '../shared/redact.js';
import { TpeError } from '../shared/tpe-error.js';
import type { AdvanceQueue } from './advance-queue.js';
import type { CommandRecord, CommandRequest } from './command.js';
import { commandReason } from './command-reasons.js';
import type { CommandStore } from './command-store.js';
import type { Deadlines } from './deadlines.js';
import type { Endings } from './endings.js';
import { type GatewayQueue, type GatewayQueues, waitingOf } from './gateway-queue.js';
import type { Hold } from './holding.js';
import { type CommandDefaults, prepareCommand } from './prepare-command.js';
import type { Send } from './sending.js';
import type { Slots, Withheld } from './slots.js';

export interface SubmittingOptions {
  /** The defaults of requests, and the bounds of their check. */
  defaults: CommandDefaults;
  broker: Pick<Broker, 'canPublish'>;
  store: Pick<CommandStore, 'insert'>;
  nextRequestId(): Promise<string>;
  slots: Slots;
  hold: Hold;
  queues: Pick<GatewayQueues, 'of' | 'free'>;
  deadlines: Pick<Deadlines, 'timeOut' | 'expire'>;
  endings: Pick<Endings, 'end'>;
  send: Send;
  advance: AdvanceQueue;
  isClosed(): boolean;
  /** Whether another manager can reach the broker while this one cannot. */
  othersCanSend(): boolean;
  /** Called when a command waits here that another manager could send. */
  onWaiting(): void;
  /** Called with each new record. */
  onRecord(record: CommandRecord): void;
}

/** Starts commands: new ones, and open ones from the record. */
export interface Submitting {
  /** Records a command and resolves with its record. Rejects with CLOSED, BUSY or UNAVAILABLE; then nothing is sent. */
  submit(request: CommandRequest): Promise<CommandRecord>;
  /** Continues a command whose record is QUEUED or SENT. */
  resume(record: CommandRecord): void;
}

/** How many commands may wait for one gateway, behind the one in flight. */
const MAX_WAITING_PER_GATEWAY = 100;

/** Creates the part that starts the commands of this manager. */
export function createSubmitting(options: SubmittingOptions): Submitting {
  const { broker, queues, deadlines } = options;

  async function submit(request: CommandRequest): Promise<CommandRecord> {
    if (options.isClosed()) throw new TpeError('CLOSED', 'The device manager is closing.');
    const { redaction, ...prepared } = prepareCommand(request, options.defaults);
    const command = { ...prepared, requestId: await options.nextRequestId() };
    const queue = queues.of(command.clientid);
    if (command.refusal === null && waitingLike(queue, command) >= MAX_WAITING_PER_GATEWAY) {
      const reason = commandReason('too-many-commands-wait', { count: MAX_WAITING_PER_GATEWAY });
      command.refusal = { code: 'BUSY', reason, state: 'REJECTED' };
    }
    const isHeld = !broker.canPublish() && (command.whenOffline === 'queue' || options.othersCanSend());
    const isFree = queue.inFlight === null && queue.waiting.length === 0;
    const mayGo = command.refusal === null && !isHeld && isFree;
    if (mayGo) queue.inFlight = command.requestId;
    // An execution of a job has its own slot.
    const needsSlot = mayGo && command.execution === null && disturbs(command);
    try {
      const guarded = needsSlot ? await options.slots.take(command) : null;
      const isRefused = guarded !== null && command.whenGuarded === 'fail';
      const refusal = isRefused ? { ...guarded, state: 'REJECTED' as const } : command.refusal;
      const record = await options.store.insert({ ...command, refusal, mayGo: mayGo && guarded === null });
      if (needsSlot && guarded === null && record.state !== 'SENT') await options.slots.giveBack(command);
      // Its execution has sent this part before; the record is that of then.
      if (record.requestId !== command.requestId) {
        queues.free(command.clientid, command.requestId);
        return record;
      }
      options.onRecord(record);
      follow(record, command.pending, redaction, guarded);
      if (isHeld && record.state === 'QUEUED') options.onWaiting();
      return record;
    } catch (error) {
      if (needsSlot) void options.slots.giveBack(command);
      queues.free(command.clientid, command.requestId);
      if (isUnavailable(error)) void withdraw(options.endings, command.clientid, command.requestId);
      throw error;
    } finally {
      void options.advance(queues.of(command.clientid));
    }
  }

  /** Handles the next step of a command that has just been recorded. */
  function follow(
    record: CommandRecord,
    request: CheckedRequest | null,
    redaction: Redaction | null,
    guarded: Withheld | null,
  ): void {
    if (record.state === 'SENT' && request !== null) return void options.send(record, request, redaction);
    queues.free(record.clientid, record.requestId);
    if (record.state === 'QUEUED') wait(record, redaction, guarded);
  }

  function wait(record: CommandRecord, redaction: Redaction | null, guarded: Withheld | null): void {
    const waiting = waitingOf(record);
    queues.of(record.clientid).waiting.push(waiting);
    if (guarded !== null) options.hold(waiting, guarded.reason);
    deadlines.expire(record, redaction);
  }

  function resume(record: CommandRecord): void {
    const queue = queues.of(record.clientid);
    if (record.state === 'SENT') {
      // It was in flight when its manager stopped, so its answer may still come.
      queue.inFlight ??= record.requestId;
      const sentAt = Date.parse(record.sentAt ?? record.createdAt);
      return deadlines.timeOut(record, sentAt + record.timeoutMs - Date.now(), null);
    }
    follow(record, null, null, null);
    void options.advance(queues.of(record.clientid));
  }

  return { submit, resume };
}

/** How many wait that may change the gateway, or that may not: what a stop holds does not keep others from reading. */
function waitingLike({ waiting }: GatewayQueue, { risk }: Pick<CommandRecord, 'risk'>): number {
  return waiting.filter(({ changes }) => changes === stopsHold(risk)).length;
}

/**
 * Ends a command whose recording failed. The database may have recorded it although its response was lost. The caller is told that nothing
 * is sent, and a recorded command that is never sent would block the gateway for ever.
 */
async function withdraw(endings: Pick<Endings, 'end'>, clientid: string, requestId: string): Promise<void> {
  const reason = commandReason('not-sent-database-away-recording');
  for (const from of ['SENT', 'QUEUED'] as const) {
    await endings.end(clientid, { requestId, from, to: 'REJECTED', reason, code: 'UNAVAILABLE' });
  }
}

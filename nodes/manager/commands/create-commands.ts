import type { Broker, Standing } from '../broker/broker.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import type { SoftwareSources } from '../catalogue/software-sources.js';
import type { Database } from '../database/database.js';
import type { Topics } from '../protocol/topics.js';
import { TpeError } from '../shared/tpe-error.js';
import { type AdvanceQueue, createAdvanceQueue } from './advance-queue.js';
import { createAnswerRedaction } from './answer-redaction.js';
import { type Answers, createAnswers } from './answers.js';
import { type CommandRecord, type Commands, hasEnded } from './command.js';
import { checkCommandQuery } from './command-query.js';
import { commandReason } from './command-reasons.js';
import type { CommandStore, CommandWrite } from './command-store.js';
import { createDeadlines, type Deadlines } from './deadlines.js';
import { createEndings, type Endings } from './endings.js';
import { createGatewayQueues, type GatewayQueue, type GatewayQueues } from './gateway-queue.js';
import { withHolder } from './held-end.js';
import { createHold } from './holding.js';
import { createLateRedactions } from './late-redactions.js';
import { createRequestIds } from './request-ids.js';
import { createSend } from './sending.js';
import { type CommandGuard, createSlots } from './slots.js';
import { createCommandStore } from './store/create-command-store.js';
import { createSubmitting, type Submitting } from './submitting.js';
import { createWaiters, type Waiters, waitForEnd } from './waiters.js';

export interface CommandEngineOptions {
  database: Database;
  broker: Broker;
  catalogue: OperationSet;
  /** The allowed sources of software packages. */
  sources: Pick<SoftwareSources, 'check'>;
  topics: Topics;
  instance: string;
  /** The defaults of requests, ms. */
  timeoutMs: number;
  queueForMs: number;
  /** The gateway's connection at the broker; read if the broker reports no subscriber. */
  standing(clientid: string): Promise<Standing>;
  guard: CommandGuard;
  /** Whether another manager can reach the broker while this one cannot. */
  othersCanSend(): boolean;
  /** Called when a command waits here that another manager could send. */
  onWaiting(): void;
  /** Called with each record that enters a state through this manager. */
  onRecord(record: CommandRecord): void;
  /** Called with a command that was open here and was ended by another manager. */
  onEndedElsewhere(record: CommandRecord): void;
  onFault(text: string): void;
  /** Called after each write, with its kind, size and duration. */
  onWritten(write: CommandWrite, items: number, ms: number): void;
}

export interface CommandEngine extends Commands, Answers {
  /** Resumes the commands that were open when the manager last stopped. */
  start(): Promise<void>;
  /** Whether a command to the gateway is in flight from here. */
  isAsked(clientid: string): boolean;
  /** Sends the next queued command of a gateway that has connected or become free. */
  gatewayOnline(clientid: string): void;
  /** Applies the ends of commands that another manager ended. Rejects if the database cannot be read. */
  endedElsewhere(requestIds: readonly string[]): Promise<void>;
  /** Takes over the work of dead managers and catches up on lost messages. */
  maintain(): Promise<void>;
  /** Sends the commands that waited for the broker, once it can be reached again. */
  brokerBack(): Promise<void>;
  /** Looks again at the commands that a stop or the guard holds; resolves when that is done. */
  guardChanged(): Promise<void>;
  /** Cancels the queued commands of a gateway that was retired. */
  gatewayRetired(clientid: string): Promise<void>;
  /** The number of items that wait for the database, by kind of write. */
  waiting(): Record<CommandWrite, number>;
  close(): Promise<void>;
}

/** The most queues that are looked at again at once. */
const MOST_LOOKED_AT = 1000;

/** Creates the engine behind Commands. It records commands, sends one at a time to each gateway, and matches the answers. */
export function createCommands(options: CommandEngineOptions): CommandEngine {
  let isStarted = false;
  let isClosed = false;
  const parts = createParts(options, () => isClosed);
  const { store, queues, deadlines, waiters, endings, advance } = parts;

  /** Sends queued commands that nothing blocks any more, and refuses those that do not wait for a gateway that is offline. */
  async function sendReady(): Promise<void> {
    for (const clientid of await store.ready()) void advance(queues.of(clientid));
  }

  /** Those that are looked at go behind all others, so that in the end each has its turn. */
  async function lookAtHeld(): Promise<void> {
    parts.looked();
    await Promise.all(
      queues.takeHeld(MOST_LOOKED_AT).map((queue) => {
        for (const waiting of queue.waiting) waiting.isHeld = false;
        return advance(queue);
      }),
    );
  }

  /** Resumes commands in flight first, so that they take their gateway's slot; request ids need not be in the order of sending. */
  function resumeAll(records: readonly CommandRecord[]): void {
    for (const state of ['SENT', 'QUEUED']) {
      for (const record of records) if (record.state === state) parts.resume(record);
    }
  }

  return {
    ...commandsOf(parts),
    ...parts.answers,
    async start() {
      await store.adopt();
      resumeAll(await store.open());
      isStarted = true;
    },
    isAsked: (clientid) => (queues.find(clientid)?.inFlight ?? null) !== null,
    gatewayOnline: parts.gatewayOnline,
    endedElsewhere: endings.endedElsewhere,
    async maintain() {
      if (!isStarted || isClosed) return;
      resumeAll(await store.adopt());
      await endings.endedElsewhere([...new Set([...deadlines.requestIds(), ...waiters.requestIds()])]);
      void lookAtHeld();
      await sendReady();
    },
    guardChanged: lookAtHeld,
    async brokerBack() {
      if (isStarted && !isClosed) await sendReady();
    },
    async gatewayRetired(clientid) {
      const reason = commandReason('gateway-retired');
      for (const { requestId } of [...(queues.find(clientid)?.waiting ?? [])]) {
        await endings.end(clientid, { requestId, from: 'QUEUED', to: 'CANCELED', reason, code: 'NOT_FOUND' });
      }
    },
    waiting: store.waiting,
    async close() {
      isClosed = true;
      deadlines.close();
      waiters.close();
      await store.close();
    },
  };
}

interface Parts extends Submitting {
  store: CommandStore;
  queues: GatewayQueues;
  deadlines: Deadlines;
  waiters: Waiters;
  endings: Endings;
  answers: Answers;
  advance: AdvanceQueue;
  gatewayOnline(clientid: string): void;
  /** What is held is looked at again. */
  looked(): void;
}

/** Creates the parts and connects them. Ends advance queues and queues end commands, so both sides are only joined here. */
function createParts(options: CommandEngineOptions, isClosed: () => boolean): Parts {
  const { broker, catalogue } = options;
  const store = createCommandStore({
    database: options.database,
    instance: options.instance,
    knowsPresence: () => broker.knowsPresence,
    canPublish: () => broker.canPublish(),
    onWritten: options.onWritten,
  });
  const queues = createGatewayQueues();
  const waiters = createWaiters();
  const late = createLateRedactions();
  const deadlines = createDeadlines(
    (clientid, ending) => void endings.end(clientid, withHolder(queues, clientid, ending)),
  );
  const onFree = (queue: GatewayQueue) => void advance(queue);
  const endings = createEndings({ ...options, store, queues, deadlines, waiters, late, isClosed, onFree });
  const send = createSend({ ...options, store, deadlines, endings });
  const slots = createSlots(options.guard, options.onFault);
  let looks = 0;
  const hold = createHold({ ...options, store, isClosed });
  const sending = {
    ...options,
    slots,
    hold,
    looks: () => looks,
    store,
    queues,
    deadlines,
    endings,
    send,
    isClosed,
  };
  const advance = createAdvanceQueue(sending);
  const nextRequestId = createRequestIds(options.database);
  const { submit, resume } = createSubmitting({ ...sending, advance, defaults: options, nextRequestId });

  const looked = () => {
    looks += 1;
  };

  function gatewayOnline(clientid: string): void {
    const queue = queues.find(clientid);
    if (queue !== undefined) onFree(queue);
  }

  const redactionFor = createAnswerRedaction({ store, catalogue, deadlines, late });
  const answers = createAnswers({
    store,
    catalogue,
    queues,
    deadlines,
    endings,
    redactionFor,
    instance: options.instance,
    onGatewayFree: gatewayOnline,
  });
  return {
    store,
    queues,
    deadlines,
    waiters,
    endings,
    answers,
    advance,
    submit,
    resume,
    gatewayOnline,
    looked,
  };
}

/** Creates the part of the engine that callers use. */
function commandsOf({ store, waiters, deadlines, endings, submit }: Parts): Commands {
  const ends = { waiters, isOpen: deadlines.has, get: store.get };
  return {
    submit,
    async send(request) {
      const record = await submit(request);
      if (hasEnded(record.state)) return record;
      return (await waitForEnd(ends, record.requestId, Infinity)) ?? record;
    },
    get: (requestId) => store.get(requestId),
    outcomes: (requestIds) => store.outcomes(requestIds),
    async waitFor(requestId, waitMs) {
      const record = await store.get(requestId);
      if (record === null || hasEnded(record.state)) return record;
      return (await waitForEnd(ends, requestId, waitMs)) ?? (await store.get(requestId));
    },
    list: async (query) => await store.list(checkCommandQuery(query)),
    ofExecution: (clientid, prefix) => store.ofExecution(clientid, prefix),
    lastAnswers: (clientid, operations) => store.lastAnswers(clientid, operations),
    async cancel(requestId, requestedBy) {
      const record = await store.get(requestId);
      if (record === null) throw new TpeError('NOT_FOUND', commandReason('command-unknown', { requestId }));
      const reason = commandReason('command-canceled', { who: requestedBy });
      const ending = { requestId, from: 'QUEUED', to: 'CANCELED', reason, code: 'CONFLICT' } as const;
      const ended = await endings.end(record.clientid, ending);
      if (ended !== null) return ended;
      const { state } = record;
      throw new TpeError('CONFLICT', commandReason('command-not-queued', { requestId, state }));
    },
  };
}

import type { Broker, Standing } from '../broker/broker.js';
import type { Operation } from '../catalogue/operation.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import type { SoftwareSources } from '../catalogue/software-sources.js';
import { checkAnswer } from '../catalogue/validation/answer-check.js';
import type { Database } from '../database/database.js';
import { isUnavailable } from '../database/unavailable.js';
import type { Answer } from '../protocol/answer.js';
import { errorText, isSuccess, type ReadableAnswer, type UnreadableAnswer } from '../protocol/answer.js';
import { type CheckedRequest, wireRequest } from '../protocol/request.js';
import type { Topics } from '../protocol/topics.js';
import type { Fault } from '../shared/fault.js';
import { badField } from '../shared/invalid-input.js';
import { type Redaction, redact } from '../shared/redact.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import {
  COMMAND_STATES,
  type CommandQuery,
  type CommandRecord,
  type CommandRequest,
  type Commands,
  hasEnded,
} from './command.js';
import {
  type AskedFor,
  type CommandEnd,
  type CommandWrite,
  createCommandStore,
  isRequestId,
} from './command-store.js';
import { dispatch } from './dispatch.js';
import { createLanes, type Lane } from './gateway-queue.js';
import { createLateRedactions } from './late-redactions.js';
import { expired, prepareCommand, redactionOf } from './prepare-command.js';
import { createRequestIds } from './request-ids.js';
import { mayHaveMarked } from './secret-marks.js';
import { createWaiters } from './waiters.js';

export interface CommandEngineOptions {
  database: Database;
  broker: Broker;
  catalogue: OperationSet;
  /** From where gateways may be told to load software. */
  sources: Pick<SoftwareSources, 'check'>;
  topics: Topics;
  instance: string;
  /** Defaults of a request, ms. */
  timeoutMs: number;
  queueForMs: number;
  /** How the broker says that a gateway stands; asked where nobody listens. */
  standing(clientid: string): Promise<Standing>;
  /** Whether another manager can send what this one cannot now. */
  othersCanSend(): boolean;
  /** Told that something waits here that others can send. */
  onWaiting(): void;
  /** Told of each record as it enters a state, by this manager. */
  onRecord(record: CommandRecord): void;
  /** Told of a command that was waited for here, and ended by another manager. */
  onEndedElsewhere(record: CommandRecord): void;
  onFault(text: string): void;
  /** Told of each write of so many commands or answers. */
  onWritten(write: CommandWrite, items: number, ms: number): void;
}

interface OpenCommand {
  /** Ends it when nothing else does. */
  timer: NodeJS.Timeout;
  operation: string | null;
  /** Null where it was taken up from the record, which has no secrets. */
  redaction: Redaction | null;
}

/** What an answer turned out to be. */
export interface TakenAnswer {
  answer: { status: number; payload: unknown };
  command: CommandRecord | null;
  duplicate: boolean;
}

export interface CommandEngine extends Commands {
  /** Takes up what was open when the manager last stopped. */
  start(): Promise<void>;
  /** Resolves when the answer is in the database. */
  takeAnswer(clientid: string, parsed: ReadableAnswer, receivedAt: number): Promise<TakenAnswer>;
  /** Ends the command in flight to the gateway that an answer names which cannot be read; false where it names none. */
  takeUnreadable(clientid: string, answer: UnreadableAnswer): Promise<boolean>;
  /** Whether a command to the gateway is in flight from here. */
  isAsked(clientid: string): boolean;
  /** Whether this command is in flight to the gateway, whichever manager sent it. */
  isAwaited(clientid: string, requestId: string): Promise<boolean>;
  /** The gateway is connected, or free: what waits for it may go. */
  gatewayOnline(clientid: string): void;
  /** Another manager ended these. */
  endedElsewhere(requestIds: readonly string[]): Promise<void>;
  /** Takes over what dead managers left, and looks for what was missed of the others. */
  lookAround(): Promise<void>;
  /** The broker can be reached again: what waited for it goes. */
  brokerBack(): Promise<void>;
  /** The gateway is gone for good: what waits for it ends as CANCELED. */
  gatewayRetired(clientid: string): Promise<void>;
  /** What waits for the database, by the write. */
  waiting(): Record<CommandWrite, number>;
  close(): Promise<void>;
}

/** Behind the one in flight, so many may wait for one gateway. */
const MAX_WAITING_PER_GATEWAY = 100;
const HEADER_REFUSED = '-1';

/** The engine behind Commands: records, sends one at a time to each gateway, and matches the answers. */
export function createCommands(options: CommandEngineOptions): CommandEngine {
  const { broker, topics } = options;
  const store = createCommandStore({
    database: options.database,
    instance: options.instance,
    knowsPresence: () => broker.knowsPresence,
    canPublish: () => broker.canPublish(),
    onWritten: options.onWritten,
  });
  const nextRequestId = createRequestIds(options.database);
  const lanes = createLanes();
  const waiters = createWaiters();
  /** What has not ended, of this manager. */
  const open = new Map<string, OpenCommand>();
  const late = createLateRedactions();
  let started = false;
  let closed = false;

  async function submit(request: CommandRequest): Promise<CommandRecord> {
    if (closed) throw new TpeError('CLOSED', 'The device manager is closing.');
    const { redaction, ...prepared } = prepareCommand(request, options);
    const command = { ...prepared, requestId: await nextRequestId() };
    const lane = lanes.of(command.clientid);
    if (command.refusal === null && lane.waiting.length >= MAX_WAITING_PER_GATEWAY) {
      const reason = `${MAX_WAITING_PER_GATEWAY} commands wait for this gateway already: wait for them or cancel some.`;
      command.refusal = { code: 'BUSY', reason, state: 'REJECTED' };
    }
    const isHeld = !broker.canPublish() && (command.whenOffline === 'queue' || options.othersCanSend());
    const mayGo = command.refusal === null && !isHeld && lane.inFlight === null && lane.waiting.length === 0;
    if (mayGo) lane.inFlight = command.requestId;
    try {
      const record = await store.insert({ ...command, mayGo });
      tell(record);
      follow(record, command.pending, redaction);
      if (isHeld && record.state === 'QUEUED') options.onWaiting();
      return record;
    } catch (error) {
      lanes.free(command.clientid, command.requestId);
      if (isUnavailable(error)) void withdraw(command.clientid, command.requestId);
      throw error;
    } finally {
      void advance(lanes.of(command.clientid));
    }
  }

  /**
   * The database may have recorded it without being able to say so. Whoever gave it was told that it will not be sent, and
   * a record that nobody sends would keep the gateway busy for ever.
   */
  async function withdraw(clientid: string, requestId: string): Promise<void> {
    const reason = 'Not sent: the database went away while this command was being recorded.';
    for (const from of ['SENT', 'QUEUED'] as const) {
      await end(clientid, { requestId, from, to: 'REJECTED', reason, code: 'UNAVAILABLE' });
    }
  }

  /** What comes next for a command that has just been recorded. */
  function follow(record: CommandRecord, request: CheckedRequest | null, redaction: Redaction | null): void {
    if (record.state === 'SENT' && request !== null) return void send(record, request, redaction);
    lanes.free(record.clientid, record.requestId);
    if (record.state !== 'QUEUED') return;
    const { requestId, whenOffline } = record;
    lanes.of(record.clientid).waiting.push({ requestId, whenOffline });
    expireLater(record, redaction);
  }

  async function send(
    record: CommandRecord,
    request: CheckedRequest,
    given: Redaction | null,
  ): Promise<void> {
    const { requestId, clientid } = record;
    const operation = operationOf(record);
    const redaction = given ?? redactionOf(request.path, operation, request.requestBody);
    timeOutLater(record, record.timeoutMs, redaction);
    if (request.expiresAt !== undefined && request.expiresAt <= Date.now()) {
      return void (await end(clientid, {
        requestId,
        from: 'SENT',
        to: 'EXPIRED',
        ...expired(request.expiresAt),
      }));
    }
    const payload = wireRequest(request, requestId, Date.now(), record.timeoutMs);
    const fault = await dispatch({
      broker,
      message: { topic: topics.inputTopic(clientid), payload },
      standing: () => options.standing(clientid),
      stillWanted: () => open.has(requestId),
    });
    if (fault !== null) await end(clientid, { requestId, from: 'SENT', to: 'REJECTED', ...fault });
  }

  /** Sends the next command of a lane whose slot is free, as long as its gateway is connected. */
  async function advance(lane: Lane): Promise<void> {
    if (lane.inFlight !== null) {
      lane.lookAgain = true;
      return;
    }
    const next = lane.waiting[0];
    if (next === undefined || closed) return lanes.tidy(lane);
    // It waits for the broker, or for a manager that reaches it: brokerBack goes on.
    if (!broker.canPublish()) return;
    lane.inFlight = next.requestId;
    lane.lookAgain = false;
    const claimed = await store.claim(next.requestId).catch(() => null);
    if (claimed !== null) {
      drop(lane, next.requestId);
      tell(claimed.record);
      return void send(claimed.record, claimed.request, open.get(next.requestId)?.redaction ?? null);
    }
    lane.inFlight = null;
    await whyNot(lane, next.requestId);
    if (lane.lookAgain) await advance(lane);
  }

  /** The next command could not be sent: it has ended or left us, its gateway is busy with another one, or offline. */
  async function whyNot(lane: Lane, requestId: string): Promise<void> {
    const standing = await store.standing(requestId).catch(() => undefined);
    if (standing === undefined) return;
    if (standing?.record.state !== 'QUEUED' || standing.record.instance !== options.instance) {
      drop(lane, requestId);
      lane.lookAgain = true;
      return;
    }
    // The other one has ended in this moment, perhaps elsewhere.
    if (standing.obstacle === null) lane.lookAgain = true;
    if (standing.obstacle !== 'offline') return;
    const refused = lane.waiting.filter((waiting) => waiting.whenOffline === 'fail');
    const reason = 'The gateway went offline before this command could be sent.';
    for (const waiting of refused) {
      await end(lane.clientid, {
        requestId: waiting.requestId,
        from: 'QUEUED',
        to: 'REJECTED',
        reason,
        code: 'OFFLINE',
      });
    }
  }

  /** Ends a command that is still in the state `from`, frees its place and moves its lane on. */
  async function end(clientid: string, ending: CommandEnd): Promise<CommandRecord | null> {
    const record = await store.end(ending).catch((error) => {
      if (!closed) options.onFault(`Command ${ending.requestId} could not be ended: ${messageOf(error)}`);
      return null;
    });
    if (record !== null) settle(record);
    else await endElsewhere(clientid, ending.requestId);
    return record;
  }

  /** It had left its state before we could end it: perhaps by another manager, whose news has not come. */
  async function endElsewhere(clientid: string, requestId: string): Promise<void> {
    if (open.has(requestId)) await endedElsewhere([requestId]).catch(() => undefined);
    leave(clientid, requestId);
  }

  async function endedElsewhere(requestIds: readonly string[]): Promise<void> {
    const wanted = requestIds.filter((requestId) => open.has(requestId) || waiters.has(requestId));
    for (const record of await store.read(wanted)) {
      if (!hasEnded(record.state)) continue;
      const isAwaited = open.has(record.requestId);
      waiters.tell(record);
      leave(record.clientid, record.requestId);
      if (isAwaited) options.onEndedElsewhere(record);
    }
  }

  function settle(record: CommandRecord): void {
    tell(record);
    waiters.tell(record);
    leave(record.clientid, record.requestId);
  }

  function leave(clientid: string, requestId: string): void {
    const ended = open.get(requestId);
    clearTimeout(ended?.timer);
    open.delete(requestId);
    if (ended?.redaction) late.keep(requestId, ended.redaction);
    const lane = lanes.find(clientid);
    if (lane === undefined) return;
    drop(lane, requestId);
    if (lanes.free(clientid, requestId)) void advance(lane);
    else lanes.tidy(lane);
  }

  function timeOutLater(record: CommandRecord, afterMs: number, redaction: Redaction | null): void {
    const { requestId, clientid } = record;
    const reason = `No answer within ${record.timeoutMs / 1000} s.`;
    later(record, redaction, afterMs, () =>
      end(clientid, { requestId, from: 'SENT', to: 'TIMED_OUT', reason, code: 'TIMED_OUT' }),
    );
  }

  function expireLater(record: CommandRecord, redaction: Redaction | null): void {
    const { requestId, clientid } = record;
    const reason = `The gateway was not connected, or busy, until ${record.expiresAt}.`;
    const afterMs = Date.parse(record.expiresAt) - Date.now();
    later(record, redaction, afterMs, () =>
      end(clientid, { requestId, from: 'QUEUED', to: 'EXPIRED', reason, code: 'TIMED_OUT' }),
    );
  }

  function later(
    { requestId, operation }: CommandRecord,
    redaction: Redaction | null,
    afterMs: number,
    work: () => Promise<unknown>,
  ): void {
    clearTimeout(open.get(requestId)?.timer);
    const timer = setTimeout(() => void work(), Math.max(0, afterMs));
    open.set(requestId, { timer, operation, redaction });
  }

  async function takeAnswer(
    clientid: string,
    parsed: ReadableAnswer,
    receivedAt: number,
  ): Promise<TakenAnswer> {
    const requestId = parsed.requestId === HEADER_REFUSED ? await inFlightTo(clientid) : parsed.requestId;
    const redaction = requestId === null ? undefined : await redactionFor(requestId, parsed.answer.payload);
    const answer = { status: parsed.answer.status, payload: redact(parsed.answer.payload, redaction) };
    if (requestId === null || !isRequestId(requestId)) {
      return { answer, command: null, duplicate: false };
    }
    const reason = failureReason(answer, parsed.requestId);
    const own = open.get(requestId);
    const faults = [
      ...(parsed.faults ?? []),
      ...(own === undefined ? [] : faultsOf(own.operation, answer, parsed.asText)),
    ];
    const stored = await store.answer({ clientid, requestId, answer, reason, faults, receivedAt });
    if (stored === null) return { answer, command: null, duplicate: false };
    if (stored.fresh && own === undefined)
      stored.record = await withFaults(stored.record, answer, parsed.asText);
    // A commit whose confirmation was lost is written twice: then it is not fresh, but still waited for.
    const fresh = stored.fresh || (open.has(requestId) && stored.record.answer !== null);
    if (fresh) settle(stored.record);
    // Of another manager's command: what waits here for the same gateway may go now.
    if (fresh && stored.record.instance !== options.instance) gatewayOnline(clientid);
    return { answer, command: stored.record, duplicate: !fresh };
  }

  async function takeUnreadable(clientid: string, { fault, requestIds }: UnreadableAnswer): Promise<boolean> {
    for (const named of requestIds) {
      const requestId = named === HEADER_REFUSED ? await inFlightTo(clientid) : named;
      if (requestId === null || !(await isAwaited(clientid, requestId))) continue;
      const words = String(redact(fault, await redactionFor(requestId, `{${fault}`)));
      const reason = `The gateway answered, but the answer cannot be taken. ${words}`;
      const ended = await end(clientid, {
        requestId,
        from: 'SENT',
        to: 'FAILED',
        reason,
        code: 'UNREADABLE',
      });
      if (ended !== null && ended.instance !== options.instance) gatewayOnline(clientid);
      return true;
    }
    return false;
  }

  async function isAwaited(clientid: string, requestId: string): Promise<boolean> {
    return isRequestId(requestId) && (await store.inFlightTo(clientid)) === requestId;
  }

  async function inFlightTo(clientid: string): Promise<string | null> {
    return lanes.find(clientid)?.inFlight ?? (await store.inFlightTo(clientid));
  }

  /** Of an answer to a command that was sent here its secrets are known too, also when it is late; of any other, what is marked. */
  async function redactionFor(requestId: string, value: unknown): Promise<Redaction | undefined> {
    const known = open.get(requestId)?.redaction ?? late.get(requestId);
    if (known) return known;
    // Most answers have nothing that any operation marks: then nobody has to be asked which one this is.
    if (!mayHaveMarked(value, options.catalogue.operations())) return undefined;
    const asked = await store.askedFor(requestId);
    return asked === null ? undefined : redactionOf(asked.path, operationOf(asked), null);
  }

  function operationOf({ operation }: AskedFor): Operation | null {
    return operation === null ? null : options.catalogue.get(operation);
  }

  function faultsOf(operation: string | null, answer: Answer, asText?: readonly string[]): Fault[] {
    return operation === null ? [] : checkAnswer(options.catalogue.get(operation), answer, asText);
  }

  /** Of a command that was not known here. The answer is safe already: its faults are told, and never in its way. */
  async function withFaults(
    record: CommandRecord,
    answer: Answer,
    asText: readonly string[] | undefined,
  ): Promise<CommandRecord> {
    const faults = faultsOf(record.operation, answer, asText);
    if (faults.length === 0) return record;
    const noted = await store.addFaults(record.requestId, faults).catch(() => null);
    return noted ?? { ...record, faults: [...record.faults, ...faults] };
  }

  function gatewayOnline(clientid: string): void {
    const lane = lanes.find(clientid);
    if (lane !== undefined) void advance(lane);
  }

  function tell(record: CommandRecord): void {
    options.onRecord(record);
  }

  return {
    submit,
    async send(request) {
      const record = await submit(request);
      if (hasEnded(record.state)) return record;
      return (await settled(record.requestId, Infinity)) ?? record;
    },
    get: (requestId) => store.get(requestId),
    async waitFor(requestId, waitMs) {
      const record = await store.get(requestId);
      if (record === null || hasEnded(record.state)) return record;
      return (await settled(requestId, waitMs)) ?? (await store.get(requestId));
    },
    list: (query) => listChecked(query),
    async cancel(requestId, requestedBy) {
      const record = await store.get(requestId);
      if (record === null)
        throw new TpeError('NOT_FOUND', `There is no command ${JSON.stringify(requestId)}.`);
      const reason = `Canceled by ${requestedBy}.`;
      const ended = await end(record.clientid, {
        requestId,
        from: 'QUEUED',
        to: 'CANCELED',
        reason,
        code: 'CONFLICT',
      });
      if (ended !== null) return ended;
      throw new TpeError(
        'CONFLICT',
        `Command ${requestId} is ${record.state}: only a QUEUED one can be canceled.`,
      );
    },
    async start() {
      await store.adopt();
      for (const record of await store.open()) takeUp(record);
      started = true;
    },
    takeAnswer,
    takeUnreadable,
    isAsked: (clientid) => (lanes.find(clientid)?.inFlight ?? null) !== null,
    isAwaited,
    gatewayOnline,
    endedElsewhere,
    async lookAround() {
      if (!started || closed) return;
      for (const record of await store.adopt()) takeUp(record);
      await endedElsewhere([...new Set([...open.keys(), ...waiters.requestIds()])]);
      for (const clientid of await store.ready()) void advance(lanes.of(clientid));
    },
    async brokerBack() {
      if (!started || closed) return;
      for (const clientid of await store.ready()) void advance(lanes.of(clientid));
    },
    async gatewayRetired(clientid) {
      const reason = 'The gateway was retired.';
      for (const { requestId } of [...(lanes.find(clientid)?.waiting ?? [])]) {
        await end(clientid, { requestId, from: 'QUEUED', to: 'CANCELED', reason, code: 'NOT_FOUND' });
      }
    },
    waiting: store.waiting,
    async close() {
      closed = true;
      for (const { timer } of open.values()) clearTimeout(timer);
      open.clear();
      waiters.close();
      await store.close();
    },
  };

  function takeUp(record: CommandRecord): void {
    if (record.state === 'SENT') return resume(record);
    follow(record, null, null);
    void advance(lanes.of(record.clientid));
  }

  /** A command that was in flight when the manager stopped: its answer may still come. */
  function resume(record: CommandRecord): void {
    const lane = lanes.of(record.clientid);
    lane.inFlight ??= record.requestId;
    timeOutLater(record, Date.parse(record.sentAt ?? record.createdAt) + record.timeoutMs - Date.now(), null);
  }

  /** Waits for the end; looks once more, since the end may have come before the wait began. */
  async function settled(requestId: string, waitMs: number): Promise<CommandRecord | null> {
    const ended = waiters.wait(requestId, waitMs);
    if (open.has(requestId)) return await ended;
    void store
      .get(requestId)
      .then((record) => record && waiters.tell(record))
      .catch(() => undefined);
    return await ended;
  }

  async function listChecked(query: CommandQuery): Promise<CommandRecord[]> {
    const limit = query.limit ?? 50;
    if (!Number.isInteger(limit) || limit < 1 || limit > 500)
      throw badField('limit', 'a whole number from 1 to 500');
    if (query.before !== undefined && !isRequestId(query.before)) throw badField('before', 'a request id');
    if (query.state !== undefined && !COMMAND_STATES.includes(query.state)) {
      throw badField('state', `one of ${COMMAND_STATES.join(', ')}`);
    }
    return await store.list({ ...query, limit });
  }
}

function drop(lane: Lane, requestId: string): void {
  lane.waiting = lane.waiting.filter((waiting) => waiting.requestId !== requestId);
}

function failureReason(answer: { status: number; payload: unknown }, rawRequestId: string): string | null {
  if (rawRequestId === HEADER_REFUSED) {
    const words = errorText(answer.payload) ?? `status ${answer.status}`;
    return `The gateway refused the header of the request (${words}): its clock is probably wrong. Set its time, best by NTP.`;
  }
  if (isSuccess(answer.status)) return null;
  const words = errorText(answer.payload);
  return `The gateway answered ${answer.status}${words === null ? '' : `: ${words}`}.`;
}

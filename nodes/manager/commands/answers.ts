import type { OperationSet } from '../catalogue/operation-set.js';
import { checkAnswer } from '../catalogue/validation/answer-check.js';
import type { Answer } from '../protocol/answer.js';
import { errorText, isSuccess, type ReadableAnswer, type UnreadableAnswer } from '../protocol/answer.js';
import type { Fault } from '../shared/fault.js';
import type { Reason } from '../shared/reason.js';
import { redact } from '../shared/redact.js';
import type { AnswerRedaction } from './answer-redaction.js';
import type { CommandRecord } from './command.js';
import { commandReason } from './command-reasons.js';
import { type CommandStore, isRequestId } from './command-store.js';
import type { Deadlines } from './deadlines.js';
import type { Endings } from './endings.js';
import type { GatewayQueues } from './gateway-queue.js';

/** An answer, and the command that it was matched to; null if this client has no such command. */
export interface TakenAnswer {
  answer: { status: number; payload: unknown };
  command: CommandRecord | null;
  duplicate: boolean;
}

export interface AnswersOptions {
  store: Pick<CommandStore, 'answer' | 'addFaults' | 'inFlightTo'>;
  catalogue: Pick<OperationSet, 'get'>;
  queues: Pick<GatewayQueues, 'find'>;
  deadlines: Pick<Deadlines, 'get' | 'has'>;
  endings: Pick<Endings, 'end' | 'settle'>;
  redactionFor: AnswerRedaction;
  /** The name of this manager. */
  instance: string;
  /** Called when another manager's command to this gateway has ended, so that the next command that waits here is sent. */
  onGatewayFree(clientid: string): void;
}

/** Matches answers of gateways with commands, whichever manager sent them. */
export interface Answers {
  /** Matches an answer with its command; resolves when it is in the database. `receivedAt` is in ms since the epoch. */
  takeAnswer(clientid: string, parsed: ReadableAnswer, receivedAt: number): Promise<TakenAnswer>;
  /** Ends, as FAILED, the command in flight that an unreadable answer names; resolves with false if it names none. */
  takeUnreadable(clientid: string, answer: UnreadableAnswer): Promise<boolean>;
  /** Whether this command is in flight to the gateway, whichever manager sent it. */
  isAwaited(clientid: string, requestId: string): Promise<boolean>;
}

/** The request id in the answer of a gateway that refuses the header of a request. It names no command. */
const HEADER_REFUSED = '-1';

/** Creates the part that matches answers with commands. */
export function createAnswers(options: AnswersOptions): Answers {
  const { store, catalogue, deadlines, endings, redactionFor } = options;

  /** Returns the request id that an answer is about: the one that it names or, if it names none, the one in flight. */
  async function commandOf(clientid: string, named: string): Promise<string | null> {
    if (named !== HEADER_REFUSED) return named;
    return options.queues.find(clientid)?.inFlight ?? (await store.inFlightTo(clientid));
  }

  async function takeAnswer(
    clientid: string,
    parsed: ReadableAnswer,
    receivedAt: number,
  ): Promise<TakenAnswer> {
    const requestId = await commandOf(clientid, parsed.requestId);
    const redaction = requestId === null ? undefined : await redactionFor(requestId, parsed.answer.payload);
    const answer = { status: parsed.answer.status, payload: redact(parsed.answer.payload, redaction) };
    if (requestId === null || !isRequestId(requestId)) {
      return { answer, command: null, duplicate: false };
    }
    const reason = failureReason(answer, parsed.requestId);
    const own = deadlines.get(requestId);
    const faults = [
      ...(parsed.faults ?? []),
      ...(own === undefined ? [] : faultsOf(catalogue, own.operation, answer, parsed.asText)),
    ];
    const stored = await store.answer({ clientid, requestId, answer, reason, faults, receivedAt });
    if (stored === null) return { answer, command: null, duplicate: false };
    if (stored.fresh && own === undefined)
      stored.record = await withFaults(options, stored.record, answer, parsed.asText);
    // A write whose confirmation was lost is repeated: its second result is not fresh, though the command is still open here.
    const fresh = stored.fresh || (deadlines.has(requestId) && stored.record.answer !== null);
    if (fresh) endings.settle(stored.record);
    if (fresh) freeIfOfOthers(clientid, stored.record);
    return { answer, command: stored.record, duplicate: !fresh };
  }

  async function takeUnreadable(clientid: string, { fault, requestIds }: UnreadableAnswer): Promise<boolean> {
    for (const named of requestIds) {
      const requestId = await commandOf(clientid, named);
      if (requestId === null || !(await isAwaited(clientid, requestId))) continue;
      const words = String(redact(fault, await redactionFor(requestId, `{${fault}`)));
      const reason = commandReason('answer-not-taken', { words });
      const ending = { requestId, from: 'SENT', to: 'FAILED', reason, code: 'UNREADABLE' } as const;
      const ended = await endings.end(clientid, ending);
      if (ended !== null) freeIfOfOthers(clientid, ended);
      return true;
    }
    return false;
  }

  function freeIfOfOthers(clientid: string, { instance }: CommandRecord): void {
    if (instance !== options.instance) options.onGatewayFree(clientid);
  }

  async function isAwaited(clientid: string, requestId: string): Promise<boolean> {
    return isRequestId(requestId) && (await store.inFlightTo(clientid)) === requestId;
  }

  return { takeAnswer, takeUnreadable, isAwaited };
}

function faultsOf(
  catalogue: Pick<OperationSet, 'get'>,
  operation: string | null,
  answer: Answer,
  asText?: readonly string[],
): Fault[] {
  return operation === null ? [] : checkAnswer(catalogue.get(operation), answer, asText);
}

/** Adds the faults of an answer whose command was not open here. The answer is committed, so a failure to add them is ignored. */
async function withFaults(
  { catalogue, store }: Pick<AnswersOptions, 'catalogue' | 'store'>,
  record: CommandRecord,
  answer: Answer,
  asText: readonly string[] | undefined,
): Promise<CommandRecord> {
  const faults = faultsOf(catalogue, record.operation, answer, asText);
  if (faults.length === 0) return record;
  const noted = await store.addFaults(record.requestId, faults).catch(() => null);
  return noted ?? { ...record, faults: [...record.faults, ...faults] };
}

function failureReason(
  { status, payload }: { status: number; payload: unknown },
  rawRequestId: string,
): Reason | null {
  const words = errorText(payload);
  if (rawRequestId === HEADER_REFUSED)
    return commandReason('header-refused', { words: words ?? commandReason('status-alone', { status }) });
  if (isSuccess(status)) return null;
  if (words === null) return commandReason('answered-with-status', { status });
  return commandReason('answered-with-words', { status, words });
}

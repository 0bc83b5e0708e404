import type { CommandRecord } from '../../commands/command.js';
import type { Reason } from '../../shared/reason.js';
import type { AttemptResult } from '../execution.js';

/** An attempt, or a step of it, that has ended. */
export type Ended = Extract<AttemptResult, { state: unknown }>;

export const SUCCEEDED: Ended = { state: 'SUCCEEDED', reason: null, isUncertain: false, mayRepeat: false };
export const ALREADY_DONE: Ended = { ...SUCCEEDED, state: 'ALREADY_DONE' };

/** Statuses by which a gateway says "later". */
const LATER = new Set([409, 423, 429, 503]);
/** Why a broker did not take a request that it can take later; then it has reached nobody. */
const TAKEN_LATER = new Set([
  'embedded-broker-not-running',
  'gateway-does-not-read',
  'mqtt-broker-away',
  'mqtt-messages-wait',
  'emqx-not-started',
]);
/** Why a broker never takes it. */
const NEVER_TAKEN = new Set(['no-topic-of-one-gateway', 'mqtt-message-too-large', 'emqx-splits-topic']);
/** Why it refused, and may do so until a person has changed something. */
const REFUSED = new Set(['mqtt-broker-refuses', 'emqx-refuses']);

/** Whether a request of this method can be sent twice without doing anything twice. */
export function isIdempotent(method: string): boolean {
  return ['GET', 'PUT', 'DELETE'].includes(method.toUpperCase());
}

/** Whether the execution goes back to wait. */
export function isWaiting(result: AttemptResult): result is Exclude<AttemptResult, Ended> {
  return 'waitingFor' in result;
}

/** What the end of a command means for the attempt that sent it. */
export function commandOutcome(record: CommandRecord): AttemptResult {
  const reason = reasonOf(record);
  switch (record.state) {
    case 'SUCCEEDED':
      return SUCCEEDED;
    case 'FAILED':
      return answered(record, reason);
    case 'TIMED_OUT':
      return timedOut(record, reason);
    case 'REJECTED':
      return refused(record, reason);
    // It waited behind another command of this gateway.
    case 'EXPIRED':
      return { waitingFor: 'busy', reason };
    case 'CANCELED':
      return { state: 'CANCELED', reason, isUncertain: false, mayRepeat: false };
    default:
      throw new Error(`The command ${record.requestId} has not ended.`);
  }
}

function answered(record: CommandRecord, reason: Reason | null): AttemptResult {
  const failed = { state: 'FAILED', reason, isUncertain: false, mayRepeat: false } as const;
  const { answer, method, cause } = record;
  // It was carried out or not: the gateway said something that cannot be read.
  if (answer === null) return { ...failed, isUncertain: method !== 'GET', mayRepeat: isIdempotent(method) };
  if (cause?.code === 'header-refused') return failed;
  if (LATER.has(answer.status)) return { waitingFor: 'busy', reason };
  return { ...failed, mayRepeat: answer.status >= 500 && isIdempotent(method) };
}

function timedOut({ method }: CommandRecord, reason: Reason | null): Ended {
  return { state: 'TIMED_OUT', reason, isUncertain: method !== 'GET', mayRepeat: isIdempotent(method) };
}

function refused(record: CommandRecord, reason: Reason | null): AttemptResult {
  switch (record.reasonCode) {
    case 'OFFLINE':
      return { waitingFor: 'offline', reason };
    case 'BUSY':
      return { waitingFor: 'busy', reason };
    case 'GUARDED':
      return { waitingFor: 'guard', reason };
    case 'STOPPED':
      return { waitingFor: 'stop', reason };
    case 'UNAVAILABLE':
      return notTaken(record, reason);
    default:
      return { state: 'REJECTED', reason, isUncertain: false, mayRepeat: false };
  }
}

/** The broker did not take it, or nobody knows whether it did. */
function notTaken(record: CommandRecord, reason: Reason | null): AttemptResult {
  if (record.sentAt === null || record.cause?.code.startsWith('not-sent-database-away')) {
    return { waitingFor: 'busy', reason };
  }
  const why = record.cause?.params.reason;
  const code = typeof why === 'object' ? (why.cause?.code ?? '') : '';
  if (TAKEN_LATER.has(code)) return { waitingFor: 'offline', reason };
  if (NEVER_TAKEN.has(code)) return { state: 'REJECTED', reason, isUncertain: false, mayRepeat: false };
  if (REFUSED.has(code)) return { state: 'FAILED', reason, isUncertain: false, mayRepeat: true };
  return timedOut(record, reason);
}

/** The reason in a record. */
export function reasonOf({ reason, cause }: Pick<CommandRecord, 'reason' | 'cause'>): Reason | null {
  return reason === null ? null : { text: reason, cause };
}

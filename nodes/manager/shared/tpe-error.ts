import { printable } from './printable.js';

/**
 * What went wrong, in a word that callers can act on; `api/http-status.ts` has the HTTP status of each. The help of tpe-server lists
 * them all.
 */
export type TpeErrorCode =
  /** The caller's input breaks a rule. */
  | 'INVALID_INPUT'
  /** There is no such gateway, command or operation. */
  | 'NOT_FOUND'
  /** It exists already, or something else stands in the way. */
  | 'CONFLICT'
  /** Refused always, whoever asks. */
  | 'FORBIDDEN'
  /** The gateway is not connected. */
  | 'OFFLINE'
  /** Nobody answered in time. */
  | 'TIMED_OUT'
  /** The gateway answered, but in a way that cannot be read. */
  | 'UNREADABLE'
  /** The database or the broker cannot be reached now; the same call may work later. */
  | 'UNAVAILABLE'
  /** A bounded queue is full; the same call may work later. */
  | 'BUSY'
  /** The manager is closing. */
  | 'CLOSED'
  /** A fault that nobody foresaw; its cause is kept. */
  | 'ERROR';

/** The one error that the manager throws on purpose: `message` says what was wrong, where, and what to do. */
export class TpeError extends Error {
  readonly code: TpeErrorCode;
  /** Machine-readable facts: the field, the value's place, the limit. Never a secret. */
  readonly details: Record<string, unknown>;

  constructor(code: TpeErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(printable(shortened(message)), cause === undefined ? undefined : { cause });
    this.name = 'TpeError';
    this.code = code;
    this.details = details;
  }

  /** The message alone: Node-RED shows people what an error's text is, and they need no name of a class before it. */
  override toString(): string {
    return this.message;
  }
}

/** Whatever was thrown, as an error that has a code. */
export function asTpeError(error: unknown): TpeError {
  return error instanceof TpeError ? error : new TpeError('ERROR', messageOf(error), {}, error);
}

/** The same error with words in front that say what could not be done; its code and its facts stay. */
export function prefixed(text: string, error: unknown): TpeError {
  const { code, message, details } = asTpeError(error);
  return new TpeError(code, `${text}: ${message}`, details, error);
}

/** What is quoted in a message may be of any length; its end says what to do. */
const HEAD = 900;
const TAIL = 300;

function shortened(text: string): string {
  if (text.length <= HEAD + TAIL) return text;
  return `${text.slice(0, HEAD)} [...] ${text.slice(-TAIL)}`.toWellFormed();
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

import { printable } from './printable.js';
import type { Cause, Reason, ReasonValue } from './reason.js';

/**
 * Codes of errors that callers can act on, with their meaning. `api/http-status.ts` maps each of them to an HTTP status. The help of
 * tpe-server lists them all.
 */
export const TPE_ERRORS = {
  INVALID_INPUT: 'The input of the caller breaks a rule.',
  NOT_FOUND: 'There is no such gateway, command, operation or installation.',
  CONFLICT: 'It exists already, or something else stands in the way.',
  FORBIDDEN: 'It is refused always, or takes a higher role than the caller has.',
  STOPPED: 'A person has stopped what may change this gateway, until a person lifts that.',
  GUARDED:
    'Others of its redundancy set, site, model or fleet are disturbed or away; the same call may work later.',
  OFFLINE: 'The gateway is not connected.',
  TIMED_OUT: 'Nobody answered in time.',
  UNREADABLE: 'The gateway answered, but in a way that cannot be read.',
  UNAVAILABLE: 'The database or the broker cannot be reached now; the same call may work later.',
  BUSY: 'A bounded queue is full; the same call may work later.',
  CLOSED: 'The manager is closing.',
  ERROR: 'A fault that nobody foresaw; its cause is in the log.',
} as const;
export type TpeErrorCode = keyof typeof TPE_ERRORS;

/** The one error that the manager throws on purpose: `message` says what was wrong, where, and what to do. */
export class TpeError extends Error {
  readonly code: TpeErrorCode;
  /** Machine-readable facts: the field, the value's place, the limit. Never a secret. */
  readonly details: Record<string, unknown>;
  /**
   * The message; it has a cause if the error was made from a reason, so that it can be translated. A message that had to be shortened has
   * none, whose values would be as long.
   */
  readonly reason: Reason;

  constructor(
    code: TpeErrorCode,
    message: string | Reason,
    details: Record<string, unknown> = {},
    cause?: unknown,
  ) {
    const reason = typeof message === 'string' ? { text: message, cause: null } : message;
    const words = shortened(reason.text);
    super(printable(words), cause === undefined ? undefined : { cause });
    this.name = 'TpeError';
    this.code = code;
    this.details = details;
    const isWhole = words === reason.text;
    this.reason = {
      text: this.message,
      cause: isWhole && reason.cause ? printableCause(reason.cause) : null,
    };
  }

  /** The message alone. Node-RED shows people the text of an error, who do not need the name of a class before it. */
  override toString(): string {
    return this.message;
  }
}

/** Turns anything that was thrown into an error with a code. */
export function asTpeError(error: unknown): TpeError {
  return error instanceof TpeError ? error : new TpeError('ERROR', messageOf(error), {}, error);
}

/** The same error with `text` in front, which says what could not be done. Code and details stay. */
export function prefixed(text: string, error: unknown): TpeError {
  const { code, message, details } = asTpeError(error);
  return new TpeError(code, `${text}: ${message}`, details, error);
}

/** Lengths of the beginning and the end of a message that are kept: it may quote a text of any length, and its end says what to do. */
const HEAD = 900;
const TAIL = 300;

function shortened(text: string): string {
  if (text.length <= HEAD + TAIL) return text;
  return `${text.slice(0, HEAD)} [...] ${text.slice(-TAIL)}`.toWellFormed();
}

/** The same values as the message shows: what has no place in a log or a list has none in its translation either. */
function printableCause({ code, params }: Cause): Cause {
  const values = Object.entries(params).map(([name, value]) => [name, printableValue(value)]);
  return { code, params: Object.fromEntries(values) };
}

function printableValue(value: ReasonValue): ReasonValue {
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number') return value;
  return { text: printable(value.text), cause: value.cause && printableCause(value.cause) };
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

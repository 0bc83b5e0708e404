import { messageOf, TpeError } from '../shared/tpe-error.js';
import { sqlstateOf } from './sqlstate.js';

/** Codes of Node.js for a peer that cannot be reached or is gone. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATEs of PostgreSQL: connection lost, out of resources, shut down, canceled by a time limit, a lock not available in time, a standby
 * that does not take changes, an idle time limit.
 */
const SQLSTATES = /^(08...|53...|57P0[1235]|57014|55P03|25006|25P0[34])$/;

/** Error messages of pg that have no code. */
const DRIVER_TEXTS =
  /^Connection terminated|^timeout exceeded when trying to connect|^timeout expired|^Query read timeout|not queryable$/;

/** Whether the error is not about the statement: the database cannot be reached or cannot work now. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof TpeError) return error.code === 'UNAVAILABLE';
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isUnavailable);
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (syscall === 'connect') return true;
  if (typeof code === 'string') return NETWORK_CODES.has(code) || SQLSTATES.test(code);
  return DRIVER_TEXTS.test(error.message);
}

/** What a server that answers cannot do now, by SQLSTATE, because its own text may be in any language. */
const CANNOT: readonly [RegExp, string][] = [
  [/^53100$/, 'The disk of the PostgreSQL server is full: make room there'],
  [/^53200$/, 'The PostgreSQL server is out of memory'],
  [/^53400$/, 'A limit that the PostgreSQL server is set to is reached'],
  [/^57014$/, 'A statement took longer than it may, or somebody ended it'],
  [/^25006$/, 'The PostgreSQL server takes no changes now: it is a standby, or was made read-only'],
];

/** A sentence for an error for which `isUnavailable` is true. */
export function awayInWords(error: unknown): string {
  if (error instanceof TpeError) return error.message;
  const sqlstate = sqlstateOf(error);
  const words = sqlstate === null ? undefined : CANNOT.find(([pattern]) => pattern.test(sqlstate))?.[1];
  if (words === undefined) return `The database cannot be reached: ${messageOf(error)}.`;
  return `${words} (${sqlstate}: ${messageOf(error)}).`;
}

/** The error for callers: UNAVAILABLE, in words, if `isUnavailable` is true for it, otherwise the error as it is. */
export function unavailableInWords(error: unknown): unknown {
  if (error instanceof TpeError || !isUnavailable(error)) return error;
  return new TpeError('UNAVAILABLE', awayInWords(error), {}, error);
}

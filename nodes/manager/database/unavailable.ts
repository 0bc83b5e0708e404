import type { Reason } from '../shared/reason.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { databaseReason } from './database-reasons.js';
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
const CANNOT = {
  '53100': 'database-disk-full',
  '53200': 'database-out-of-memory',
  '53400': 'database-limit-reached',
  '57014': 'database-statement-ended',
  '25006': 'database-read-only',
} as const;

/** Tells a person about an error for which `isUnavailable` is true. */
export function awayInWords(error: unknown): Reason {
  if (error instanceof TpeError) return error.reason;
  const sqlstate = sqlstateOf(error);
  const fault = messageOf(error);
  if (sqlstate === null || !isKnown(sqlstate)) return databaseReason('database-unreachable', { fault });
  return databaseReason(CANNOT[sqlstate], { sqlstate, fault });
}

function isKnown(sqlstate: string): sqlstate is keyof typeof CANNOT {
  return Object.hasOwn(CANNOT, sqlstate);
}

/** The error for callers: UNAVAILABLE, in words, if `isUnavailable` is true for it, otherwise the error as it is. */
export function unavailableInWords(error: unknown): unknown {
  if (error instanceof TpeError || !isUnavailable(error)) return error;
  return new TpeError('UNAVAILABLE', awayInWords(error), {}, error);
}

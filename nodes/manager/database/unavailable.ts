import { TpeError } from '../tpe-error.js';

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
 * PostgreSQL: connection lost, out of resources, shut down, canceled by a time limit, a lock that was not had in time, a standby
 * until it takes over.
 */
const SQLSTATES = /^(08...|53...|57P0[1235]|57014|55P03|25006|25P0[34])$/;

/** What pg says without a code. */
const DRIVER_TEXTS =
  /^Connection terminated|^timeout exceeded when trying to connect|^timeout expired|^Query read timeout|not queryable$/;

/** True for an error that says nothing about the statement: the database cannot be reached or cannot work now. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof TpeError) return error.code === 'UNAVAILABLE';
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isUnavailable);
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (syscall === 'connect') return true;
  if (typeof code === 'string') return NETWORK_CODES.has(code) || SQLSTATES.test(code);
  return DRIVER_TEXTS.test(error.message);
}

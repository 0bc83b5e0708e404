import type { Reason } from '../shared/reason.js';
import { CONTROL_CHARACTERS, lengthOf, quotable, quote } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { isPlainObject } from '../shared/validate.js';
import { clientIdReason } from './client-id-reasons.js';

const MAX_LENGTH = 100;

/**
 * Throws INVALID_INPUT with the broken rule unless the value is safe as one level of an MQTT topic and fits the registry: 1 to 100
 * characters, none of + # / and no control characters, valid Unicode, no $ or byte order mark in front, and not `.` or `..`, which a URL
 * would resolve.
 */
export function checkClientId(value: unknown): asserts value is string {
  const reason = brokenRule(value);
  if (reason !== null) throw new TpeError('INVALID_INPUT', reason, { field: 'clientid' });
}

/**
 * Returns a client id from outside: a whole number becomes its decimal digits, since spreadsheets, JSON and function nodes make numbers of
 * ids that are digits. Any other value is returned as it is, for the parser to judge.
 */
export function clientIdOf(value: unknown): unknown {
  const isWhole = Number.isSafeInteger(value) || typeof value === 'bigint';
  return isWhole && (value as number | bigint) >= 0 ? String(value) : value;
}

/** Returns a copy of an object in which `clientid` and `clientids` are read by `clientIdOf`. */
export function withClientIds(value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  const { clientid, clientids } = value;
  return {
    ...value,
    ...(clientid === undefined ? {} : { clientid: clientIdOf(clientid) }),
    ...(Array.isArray(clientids) ? { clientids: clientids.map(clientIdOf) } : {}),
  };
}

/** Whether `checkClientId` accepts a value. */
export function isClientId(value: unknown): value is string {
  return brokenRule(value) === null;
}

function brokenRule(value: unknown): Reason | null {
  if (typeof value !== 'string') return clientIdReason('client-id-no-text', { clientid: quote(value) });
  const length = lengthOf(value);
  if (length === 0 || length > MAX_LENGTH) {
    const bounds = { length, least: 1, most: MAX_LENGTH };
    return clientIdReason('client-id-length', { clientid: quotable(value), ...bounds });
  }
  const special = /[+#/]/.exec(value)?.[0];
  if (special !== undefined)
    return clientIdReason('client-id-special-character', { clientid: quotable(value), special });
  const code = ruleBrokenBy(value);
  return code && clientIdReason(code, { clientid: quotable(value) });
}

function ruleBrokenBy(value: string) {
  if (CONTROL_CHARACTERS.test(value)) return 'client-id-control-characters';
  if (value === '.' || value === '..') return 'client-id-way-up';
  // The embedded database takes it for the mark of an encoding, and returns the name without it.
  if (value.startsWith('\ufeff')) return 'client-id-byte-order-mark';
  if (!value.isWellFormed()) return 'client-id-no-unicode';
  if (value.startsWith('$')) return 'client-id-dollar';
  return null;
}

import { CONTROL_CHARACTERS, lengthOf, quote } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { isPlainObject } from '../shared/validate.js';

const MAX_LENGTH = 100;

/**
 * Throws INVALID_INPUT with the broken rule unless the value is safe as one level of an MQTT topic and fits the registry: 1 to 100
 * characters, none of + # / and no control characters, valid Unicode, no $ or byte order mark in front, and not `.` or `..`, which a URL
 * would resolve.
 */
export function checkClientId(value: unknown): asserts value is string {
  const rule = brokenRule(value);
  if (rule === null) return;
  throw new TpeError('INVALID_INPUT', `The client id ${quote(value)} ${rule}.`, { field: 'clientid' });
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

function brokenRule(value: unknown): string | null {
  if (typeof value !== 'string') return 'must be a text';
  const length = lengthOf(value);
  if (length === 0 || length > MAX_LENGTH)
    return `has ${length} characters, but must have 1 to ${MAX_LENGTH}`;
  const special = /[+#/]/.exec(value)?.[0];
  if (special !== undefined)
    return `must not have ${quote(special)} in it: that has a meaning in MQTT topics`;
  if (CONTROL_CHARACTERS.test(value)) return 'must not have control characters in it';
  if (value === '.' || value === '..')
    return 'is the way up in a URL, so that no address of it would reach it: give another one';
  // The embedded database takes it for the mark of an encoding, and returns the name without it.
  if (value.startsWith('\ufeff')) return 'must not begin with an invisible byte order mark (U+FEFF)';
  if (!value.isWellFormed()) return 'is no valid Unicode text: half of a surrogate pair stands alone';
  if (value.startsWith('$')) return 'must not begin with "$": MQTT keeps that for the broker';
  return null;
}

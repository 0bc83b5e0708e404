import type { Fault } from '../shared/fault.js';
import { TpeError } from '../shared/tpe-error.js';
import { isPlainObject, kindOf } from '../shared/validate.js';

/** The meaning of the headers that a caller gave for a TPE request. */
export interface RequestHeaders {
  /** The time after which the gateway must not begin with the request, ms since the epoch; null: none. */
  expiresAt: number | null;
  /** The headers that are not sent, and why. */
  faults: Fault[];
}

const EXPIRY = 'request-expired-time';
const REQUEST_ID = 'request-id';
const FORM = '"YYYY-MM-DD HH:MM:SS" in UTC, such as "2030-01-31 12:00:00"';
/** Also accepts ISO 8601 and Python's text of a time. A time without a zone is UTC, as TPE defines it. */
const EXPIRY_FORM = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d)| ?UTC)?$/i;
const MINUTE_MS = 60_000;
const YEAR_10000 = Date.UTC(10_000, 0);
/** Commands in TPEDM's tables have these placeholders. They are ignored, since the manager fills in both headers itself. */
const PLACEHOLDERS = new Set(['{expired-time}', '{request-id}']);
const MAX_HEADERS = 20;
const RULE =
  'must be a list of objects with one header each, as [{"request-expired-time": "2030-01-31 12:00:00"}], or one object';

/**
 * Reads the headers of a request as callers give them, in TPE's form (a list of objects with one header each) or as one object.
 * Other headers are left out with a fault: the manager gives the request id itself, and gateways know no more than these two.
 * Throws INVALID_INPUT for another shape, and for a deadline that is not a time.
 */
export function readRequestHeaders(given: unknown): RequestHeaders {
  const headers = pairsOf(given);
  const times = new Set(headers.filter(([name]) => name === EXPIRY).map(([, value]) => expiryOf(value)));
  if (times.size > 1) throw invalid(EXPIRY, 'is given twice, and with different times');
  const others = new Set(headers.map(([name]) => name).filter((name) => name !== EXPIRY));
  return { expiresAt: [...times][0] ?? null, faults: [...others].map(leftOut) };
}

function pairsOf(given: unknown): [name: string, value: unknown][] {
  if (given === undefined || given === null || given === '') return [];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length > MAX_HEADERS) throw invalid('', `must not have more than ${MAX_HEADERS} of them`);
  const pairs: [string, unknown][] = [];
  for (const one of list) {
    if (!isPlainObject(one))
      throw invalid('', `${RULE}, not ${Array.isArray(given) ? 'a list with ' : ''}${kindOf(one)}`);
    for (const [name, value] of Object.entries(one)) {
      if (!PLACEHOLDERS.has(String(value))) pairs.push([name.trim().toLowerCase(), value]);
    }
  }
  if (pairs.length > MAX_HEADERS) throw invalid('', `must not have more than ${MAX_HEADERS} of them`);
  return pairs;
}

function expiryOf(value: unknown): number {
  const at = typeof value === 'string' ? momentOf(value.trim()) : null;
  if (at !== null) return at;
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : kindOf(value);
  throw invalid(EXPIRY, `must be a time as ${FORM}, not ${shown}`);
}

/** Returns ms since the epoch; null for a text that is not a time. Fractions of a second are cut off, so that nothing is done too late. */
function momentOf(text: string): number | null {
  const [, date, time, sign, hours = '0', minutes = '0'] = EXPIRY_FORM.exec(text) ?? [];
  const iso = `${date}T${time}`;
  const at = Date.parse(`${iso}Z`);
  // `Date.parse` accepts February 30 as a day in March.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 19) !== iso) return null;
  if (Number(hours) > 14 || Number(minutes) > 59) return null;
  const ahead = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  const moment = sign === '-' ? at + ahead : at - ahead;
  return moment > 0 && moment < YEAR_10000 ? moment : null;
}

function leftOut(name: string): Fault {
  const path = `/${name.slice(0, 100)}`;
  const why =
    name === REQUEST_ID
      ? 'is not sent: the device manager gives each command an id of its own, which its answer names'
      : 'is not sent: gateways know request-expired-time and request-id alone';
  return { in: 'headers', path, rule: 'headers', text: `headers${path} ${why} (headers)` };
}

function invalid(name: string, rule: string): TpeError {
  const field = name === '' ? 'headers' : `headers/${name}`;
  return new TpeError('INVALID_INPUT', `"${field}" ${rule}.`, { field });
}

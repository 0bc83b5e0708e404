import { exactJson, parseExactJson, pointerOf, unsendableNumber } from '../../shared/exact-json.js';
import { type JsonBounds, whyTooLarge } from '../../shared/json-bounds.js';
import type { Reason } from '../../shared/reason.js';
import { REDACTED } from '../../shared/secret-text.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { catalogueReason } from '../catalogue-reasons.js';
import type { OperationSet } from '../operation-set.js';
import { pathReadings } from './path-readings.js';
import { checkPath, hidden, invalid } from './request-path.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const MAX_BODY_BYTES = 256 * 1024;
/** The largest body of a request that is sent to a gateway. */
export const BODY_BOUNDS: JsonBounds = { depth: 32, values: 50_000, characters: MAX_BODY_BYTES };
/** Paths that are always refused, with all paths below them. */
const REFUSED = [['auth'], ['device', 'route']];
/** An encoded letter, digit, "-", "." or "_". No honest client encodes these, so that could only hide something. */
const ENCODED_PLAIN = /%(2[de]|3\d|[46][1-9a-f]|[57][0-9a]|5f)/i;

export interface GivenRequest {
  path?: unknown;
  method?: unknown;
  requestBody?: unknown;
}

/**
 * Checks a TPE request before it is recorded and sent, and returns it in its normal form: without `/api/v1`, with the method in
 * capitals, and with `{}` for a missing body. Throws INVALID_INPUT for a request that breaks a rule, such as a path that servers
 * could read in different ways, and FORBIDDEN for a path that is always refused, in any spelling.
 */
export function checkRequest(
  given: GivenRequest,
  catalogue: Pick<OperationSet, 'find' | 'matching'>,
): { path: string; method: string; requestBody: unknown } {
  const path = checkPath(given.path);
  const method = checkMethod(given.method);
  const readings = pathReadings(path);
  if (readings === null) throw forbidden(catalogueReason('path-over-encoded'));
  refuseForbidden(readings, method, catalogue);
  refuseOdd(path);
  refuseAmbiguous(path, readings, catalogue);
  return { path, method, requestBody: checkBody(given.requestBody) };
}

function checkMethod(given: unknown): string {
  const method = typeof given === 'string' ? given.trim().toUpperCase() : '';
  if (METHODS.includes(method)) return method;
  throw invalid('method', `must be one of ${METHODS.join(', ')}`);
}

function checkBody(given: unknown): unknown {
  const body = given === undefined || given === null || given === '' ? {} : given;
  const rule = 'must be a JSON object or array';
  if (typeof body !== 'object' || Buffer.isBuffer(body)) throw invalid('requestBody', rule);
  const tooLarge = whyTooLarge(body, BODY_BOUNDS);
  if (tooLarge !== null) throw invalid('requestBody', tooLarge);
  const number = unsendableNumber(body);
  if (number !== null) throw invalid(`requestBody${pointerOf(number.path)}`, number.why);
  const text = jsonText(body);
  if (Buffer.byteLength(text) > MAX_BODY_BYTES)
    throw invalid('requestBody', `must have ${MAX_BODY_BYTES} bytes at most`);
  if (text.includes(REDACTED)) throw hidden('requestBody');
  // The body as the gateway will get it: without functions and undefined, with dates as text.
  const asSent = readBack(text);
  if (typeof asSent !== 'object' || asSent === null) throw invalid('requestBody', rule);
  return asSent;
}

function readBack(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    throw invalid('requestBody', `cannot be sent: ${messageOf(error)}`);
  }
}

function jsonText(body: object): string {
  try {
    const text: string | undefined = exactJson(body);
    if (text !== undefined) return text;
  } catch {
    // It is refused below, as a body without any JSON text.
  }
  throw invalid('requestBody', 'must be JSON');
}

function refuseForbidden(
  readings: readonly string[][],
  method: string,
  catalogue: Pick<OperationSet, 'find'>,
): void {
  for (const levels of readings) {
    const refused = REFUSED.find((prefix) => prefix.every((level, place) => levels[place] === level));
    if (refused !== undefined) {
      throw forbidden(catalogueReason('path-refused', { path: `/${refused.join('/')}` }));
    }
    const operation = catalogue.find(method, `/${levels.join('/')}`);
    if (operation !== null && operation.refusedBecause !== null) {
      const { path, refusedBecause: why } = operation;
      throw forbidden(catalogueReason('operation-not-over-mqtt', { method, path, why }));
    }
  }
}

/** Refuses spellings that no honest path needs, and that different servers read differently. */
function refuseOdd(path: string): void {
  const [place = ''] = path.split('?');
  const levels = place.slice(1).split('/');
  if (levels.includes('')) throw odd('has an empty level: "//", or a "/" at its end');
  if (levels.some((level) => /^(\.|%2e){1,2}$/i.test(level))) throw odd('has "." or ".." as a level');
  if (path.includes(';')) throw odd('has a ";": within a value it is %3B');
  if (/%(?![0-9a-f]{2})/i.test(path)) throw odd('has a "%" that encodes nothing: within a value it is %25');
  const encoded = ENCODED_PLAIN.exec(path)?.[0];
  if (encoded !== undefined)
    throw odd(`has ${encoded}, which is ${JSON.stringify(decodeURIComponent(encoded))}`);
}

/** Refuses a path that a gateway could take for an operation of the pack that we do not see in it, such as `/System/reboot`. */
function refuseAmbiguous(
  path: string,
  readings: readonly string[][],
  catalogue: Pick<OperationSet, 'matching'>,
): void {
  const plain = catalogue.matching((path.split('?')[0] ?? '').slice(1).split('/'));
  for (const levels of readings) {
    const other = catalogue.matching(levels).find((one) => one.source === 'tpe' && !plain.includes(one));
    if (other !== undefined) throw odd(`can be read as ${other.path}`);
  }
}

function odd(what: string): TpeError {
  return invalid('path', `must be written plainly: it ${what}`);
}

function forbidden(reason: Reason): TpeError {
  return new TpeError('FORBIDDEN', reason, { field: 'path' });
}

import { whyTooLarge } from '../json-bounds.js';
import { TpeError } from '../tpe-error.js';
import type { OperationSet } from './operation-set.js';
import { pathReadings } from './path-readings.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const MAX_PATH = 2048;
const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 32;
const MAX_VALUES = 50_000;
/** Paths that are never asked for over MQTT, and all below them. */
const REFUSED = [['auth'], ['device', 'route']];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]|%[01][0-9a-f]|%7f/i;

export interface GivenRequest {
  path?: unknown;
  method?: unknown;
  requestBody?: unknown;
}

/**
 * Checks a TPE request before it is recorded and sent: `/api/v1` is cut off, the method is upper-cased, a missing body is
 * `{}`. Throws INVALID_INPUT for what breaks a rule, FORBIDDEN for what is refused always, however it is spelled.
 */
export function checkRequest(
  given: GivenRequest,
  catalogue: Pick<OperationSet, 'find'>,
): { path: string; method: string; requestBody: unknown } {
  const path = checkPath(given.path);
  const method = checkMethod(given.method);
  refuseForbidden(path, method, catalogue);
  return { path, method, requestBody: checkBody(given.requestBody) };
}

function checkPath(given: unknown): string {
  if (typeof given !== 'string')
    throw invalid('path', 'must be text that begins with "/", such as /device/general');
  if (CONTROL.test(given) || given.includes('\\'))
    throw invalid('path', 'must not have control characters or backslashes');
  const path = given.trim().replace(/^\/api\/v1(?=\/)/i, '');
  if (!path.startsWith('/')) throw invalid('path', 'must begin with "/", such as /device/general');
  if (path.length > MAX_PATH) throw invalid('path', `must have ${MAX_PATH} characters at most`);
  if (path.includes('#')) throw invalid('path', 'must not have a "#"');
  if (!path.isWellFormed()) throw invalid('path', 'must be well-formed Unicode');
  return path;
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
  const tooLarge = whyTooLarge(body, {
    depth: MAX_DEPTH,
    values: MAX_VALUES,
    characters: MAX_BODY_BYTES,
  });
  if (tooLarge !== null) throw invalid('requestBody', tooLarge);
  const text = jsonText(body);
  if (Buffer.byteLength(text) > MAX_BODY_BYTES)
    throw invalid('requestBody', `must have ${MAX_BODY_BYTES} bytes at most`);
  // As it goes over the wire: no functions, no undefined, no dates.
  const asSent: unknown = JSON.parse(text);
  if (typeof asSent !== 'object' || asSent === null) throw invalid('requestBody', rule);
  return asSent;
}

function jsonText(body: object): string {
  try {
    const text: string | undefined = JSON.stringify(body);
    if (text !== undefined) return text;
  } catch {
    // Told below.
  }
  throw invalid('requestBody', 'must be JSON');
}

function refuseForbidden(path: string, method: string, catalogue: Pick<OperationSet, 'find'>): void {
  const readings = pathReadings(path);
  if (readings === null) throw forbidden('The path is percent-encoded over and over: write it plainly.');
  for (const levels of readings) {
    const refused = REFUSED.find((prefix) => prefix.every((level, place) => levels[place] === level));
    if (refused !== undefined) {
      const why = 'it would change who may use the gateway, or how it is reached';
      throw forbidden(`"/${refused.join('/')}" is refused always: ${why}.`);
    }
    const operation = catalogue.find(method, `/${levels.join('/')}`);
    if (operation !== null && operation.refusedBecause !== null) {
      throw forbidden(
        `${method} ${operation.path} cannot be done over MQTT: its ${operation.refusedBecause}.`,
      );
    }
  }
}

function forbidden(text: string): TpeError {
  return new TpeError('FORBIDDEN', text, { field: 'path' });
}

function invalid(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" ${rule}.`, { field });
}

import { TpeError } from '../tpe-error.js';
import { findInCatalogue } from './create-catalogue.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const MAX_PATH = 2048;
const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 32;
/** Paths that are never asked for over MQTT, and all below them. */
const REFUSED = [['auth'], ['device', 'route']];

export interface GivenRequest {
  path?: unknown;
  method?: unknown;
  requestBody?: unknown;
}

/**
 * Checks a TPE request before it is recorded and sent: `/api/v1` is cut off, the method is upper-cased, a missing body is
 * `{}`. Throws INVALID_INPUT for what breaks a rule, FORBIDDEN for what is refused always, however it is spelled.
 */
export function checkRequest(given: GivenRequest): { path: string; method: string; requestBody: unknown } {
  const path = checkPath(given.path);
  const method = checkMethod(given.method);
  refuseForbidden(path, method);
  return { path, method, requestBody: checkBody(given.requestBody) };
}

function checkPath(given: unknown): string {
  if (typeof given !== 'string')
    throw invalid('path', 'must be text that begins with "/", such as /device/general');
  const path = given.trim().replace(/^\/api\/v1(?=\/)/, '');
  if (!path.startsWith('/')) throw invalid('path', 'must begin with "/", such as /device/general');
  if (path.length > MAX_PATH) throw invalid('path', `must have ${MAX_PATH} characters at most`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f-\u009f\\]/.test(path))
    throw invalid('path', 'must not have control characters or backslashes');
  if (path.includes('#')) throw invalid('path', 'must not have a "#"');
  return path;
}

function checkMethod(given: unknown): string {
  const method = typeof given === 'string' ? given.trim().toUpperCase() : '';
  if (METHODS.includes(method)) return method;
  throw invalid('method', `must be one of ${METHODS.join(', ')}`);
}

function checkBody(given: unknown): unknown {
  const body = given === undefined || given === null || given === '' ? {} : given;
  if (typeof body !== 'object' || Buffer.isBuffer(body))
    throw invalid('requestBody', 'must be a JSON object or array');
  if (depthOf(body) > MAX_DEPTH)
    throw invalid('requestBody', `must not be nested deeper than ${MAX_DEPTH} levels`);
  let text: string;
  try {
    text = JSON.stringify(body);
  } catch {
    throw invalid('requestBody', 'must be JSON');
  }
  if (Buffer.byteLength(text) > MAX_BODY_BYTES)
    throw invalid('requestBody', `must have ${MAX_BODY_BYTES} bytes at most`);
  // As JSON has it: no functions, no undefined, no dates.
  return JSON.parse(text);
}

/** Stops counting beyond the limit, so that a circle ends too. */
function depthOf(value: unknown, depth = 1): number {
  if (typeof value !== 'object' || value === null) return depth - 1;
  if (depth > MAX_DEPTH) return depth;
  let deepest = depth;
  for (const element of Object.values(value)) {
    deepest = Math.max(deepest, depthOf(element, depth + 1));
    if (deepest > MAX_DEPTH) return deepest;
  }
  return deepest;
}

function refuseForbidden(path: string, method: string): void {
  const levels = plainLevels(path);
  const refused = REFUSED.find((prefix) => prefix.every((level, place) => levels[place] === level));
  if (refused !== undefined) {
    const text = `"/${refused.join('/')}" is refused always: it would change who may use the gateway, or how it is reached.`;
    throw new TpeError('FORBIDDEN', text, { field: 'path' });
  }
  const operation = findInCatalogue(method, path) ?? findInCatalogue(method, `/${levels.join('/')}`);
  if (operation !== null && operation.refusedBecause !== null) {
    const text = `"${operation.name}" cannot be done over MQTT: ${operation.refusedBecause}.`;
    throw new TpeError('FORBIDDEN', text, { field: 'path' });
  }
}

/** The levels that a lenient server would understand: decoded (also twice), lower-case, without `.`, `..` and `;x`. */
function plainLevels(path: string): string[] {
  let text = path.split('?')[0] ?? '';
  for (let round = 0; round < 5; round++) {
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_all, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    if (decoded === text) break;
    text = decoded;
  }
  const levels: string[] = [];
  for (const raw of (text.split(/[?#]/)[0] ?? '').split(/[/\\]/)) {
    const level = (raw.split(';')[0] ?? '').trim().toLowerCase();
    if (level === '..') levels.pop();
    else if (level !== '' && level !== '.') levels.push(level);
  }
  if (levels[0] === 'api' && levels[1] === 'v1') levels.splice(0, 2);
  return levels;
}

function invalid(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" ${rule}.`, { field });
}

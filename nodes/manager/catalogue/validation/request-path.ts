import { REDACTED } from '../../shared/secret-text.js';
import { TpeError } from '../../shared/tpe-error.js';

const MAX_PATH = 2048;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]|%[01][0-9a-f]|%7f/i;

/** Returns the path of a request without `/api/v1`. Throws INVALID_INPUT if it breaks one of the rules that need no catalogue. */
export function checkPath(given: unknown): string {
  if (typeof given !== 'string')
    throw invalid('path', 'must be text that begins with "/", such as /device/general');
  if (CONTROL.test(given) || given.includes('\\'))
    throw invalid('path', 'must not have control characters or backslashes');
  const path = given.trim().replace(/^\/api\/v1(?=\/)/i, '');
  if (!path.startsWith('/')) throw invalid('path', 'must begin with "/", such as /device/general');
  if (path.length > MAX_PATH) throw invalid('path', `must have ${MAX_PATH} characters at most`);
  if (path.includes('#')) throw invalid('path', 'must not have a "#"');
  if (path.includes(REDACTED) || path.includes(encodeURIComponent(REDACTED))) throw hidden('path');
  if (!path.isWellFormed()) throw invalid('path', 'must be well-formed Unicode');
  return path;
}

/** The error for a field with the text that replaces a hidden secret, as in a command that is repeated from its record. */
export function hidden(field: string): TpeError {
  const rule = `has "${REDACTED}" in it, which stands where a secret was hidden: give the secret itself, or leave the field out`;
  return invalid(field, rule);
}

/** The error for a part of a request that breaks a rule. */
export function invalid(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" ${rule}.`, { field });
}

import { TpeError } from '../../shared/tpe-error.js';

const PREFIX = /^(\/[^/{}?#\s\\;]+)*$/;
const LONGEST = 200;

/**
 * Reads the prefix of paths that a person gave, and returns it without `/api/v1` and without a slash at its end. "" and "/" mean
 * no prefix. Throws INVALID_INPUT for anything that is no path.
 */
export function readPrefix(given: unknown): string {
  const text =
    typeof given === 'string'
      ? given
          .trim()
          .replace(/\/+$/, '')
          .replace(/^\/api\/v1(?=\/|$)/i, '')
      : null;
  if (text !== null && text.length <= LONGEST && PREFIX.test(text)) return text;
  throw new TpeError('INVALID_INPUT', '"prefix" must be a path such as /station, or "" for none.', {
    field: 'prefix',
  });
}

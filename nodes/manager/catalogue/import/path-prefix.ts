import { TpeError } from '../../shared/tpe-error.js';

const PREFIX = /^(\/[^/{}?#\s\\;]+)*$/;
const LONGEST = 200;

/** What stands before each path of a document, as someone gives it: with or without `/api/v1`, "" or "/" for nothing. Throws INVALID_INPUT. */
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

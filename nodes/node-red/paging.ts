import { isObject } from './message-values.js';

/**
 * The query of a list: the payload when it is an object; else, in a message that carries the page before, that
 * page's query going on where it ended; else everything. So a page's own message, sent back, asks for the next.
 */
export function pageQuery(payload: unknown, tpe: unknown, cursorName: string): Record<string, unknown> {
  if (isObject(payload)) return payload;
  if (!isObject(tpe) || typeof tpe.next !== 'string') return {};
  return { ...(isObject(tpe.query) ? tpe.query : {}), [cursorName]: tpe.next };
}

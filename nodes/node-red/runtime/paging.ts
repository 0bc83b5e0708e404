import type { NodeMessageInFlow } from 'node-red';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isPlainObject, kindOf } from '../../manager/shared/validate.js';

/**
 * The query of a list: the payload when it is an object; else, in a message that carries the page before, that
 * page's query going on where it ended; without a payload everything. So a page's own message, sent back, asks for the next.
 * Throws INVALID_INPUT for a payload that is none of these.
 */
export function pageQuery(payload: unknown, tpe: unknown, cursorName: string): Record<string, unknown> {
  if (isPlainObject(payload)) return payload;
  const isPage = Array.isArray(payload) || payload === undefined;
  if (isPage && isPlainObject(tpe) && typeof tpe.next === 'string') {
    return { ...(isPlainObject(tpe.query) ? tpe.query : {}), [cursorName]: tpe.next };
  }
  if (payload === undefined) return {};
  throw new TpeError(
    'INVALID_INPUT',
    `"payload" is ${kindOf(payload)}: give the query as an object, {} for all, or a page as it came to get the next one.`,
    { field: 'payload' },
  );
}

/**
 * The query of a message that came in by HTTP, where all is text: true and false, numbers, and a list of one are read as the
 * schema wants them. What is not such a text is left as it is, for the parser to judge.
 */
export function readTexts(
  msg: NodeMessageInFlow,
  schema: { properties: Record<string, { type?: string } | { enum: unknown }> },
  query: Record<string, unknown>,
): Record<string, unknown> {
  if (!('req' in msg)) return query;
  const read = ([name, value]: [string, unknown]) => {
    const rule = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const type = rule !== undefined && 'type' in rule ? rule.type : undefined;
    return [name, typeof value === 'string' ? readText(type, value) : value];
  };
  return Object.fromEntries(Object.entries(query).map(read));
}

function readText(type: string | undefined, text: string): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (type === 'integer' && /^\d{1,9}$/.test(text)) return Number(text);
  return type === 'array' ? [text] : text;
}

import type { NodeMessageInFlow } from 'node-red';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isPlainObject, kindOf } from '../../manager/shared/validate.js';

/**
 * The query for a list. A payload that is an object is the query. A message with a page, sent back to the node, asks for the next page:
 * the query in `tpe` with its cursor under the name `cursorName`. Without a payload, everything is listed. Throws INVALID_INPUT for any
 * other payload.
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
 * Converts the texts in the query of a message that came by HTTP to the types in the schema: boolean, integer or array. Leaves other texts
 * as they are, because the parser reports what is wrong. Queries of other messages are returned unchanged.
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

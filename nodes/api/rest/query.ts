import { TpeError } from '../../manager/shared/tpe-error.js';

/** JSON Schema of a query. */
export interface QuerySchema {
  type: 'object';
  properties: Readonly<Record<string, object>>;
  required?: readonly string[];
  additionalProperties: false;
}

const MAX_VALUES = 10_000;

/** Reads the query of a URL, as `valuesIn` does. Throws INVALID_INPUT for more than MAX_VALUES values. */
export function queryIn(url: string): Record<string, unknown> {
  const begin = url.indexOf('?');
  return begin === -1 ? {} : valuesIn(url.slice(begin + 1));
}

/**
 * Reads the values of a query or a form by name. A name that occurs several times, or that ends in `[]` or an index such as `[0]`,
 * becomes a list. A wrong percent-encoding such as `%zz` stays as it is. Throws INVALID_INPUT for more than MAX_VALUES values.
 */
export function valuesIn(text: string): Record<string, unknown> {
  const values = new Map<string, string | string[]>();
  let count = 0;
  for (const [given, value] of new URLSearchParams(text)) {
    count += 1;
    if (count > MAX_VALUES)
      throw new TpeError('INVALID_INPUT', `More than ${MAX_VALUES} values are too many.`, { field: 'query' });
    const name = given.replace(/\[\d{0,4}\]$/, '');
    const known = values.get(name);
    if (Array.isArray(known)) known.push(value);
    else if (known === undefined) values.set(name, given === name ? value : [value]);
    else values.set(name, [known, value]);
  }
  return Object.fromEntries(values);
}

/**
 * Converts the texts of a query to the types in its schema: boolean, integer, number or array. Leaves other texts as they are, because
 * the parser reports what is wrong.
 */
export function readTexts(
  { properties }: QuerySchema,
  query: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const rule = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const type = (rule as { type?: unknown } | undefined)?.type;
      return [name, typeof value === 'string' ? readText(type, value) : value];
    }),
  );
}

function readText(type: unknown, text: string): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (type === 'integer' && /^\d{1,15}$/.test(text)) return Number(text);
  if (type === 'number' && /^\d{1,9}(?:\.\d{1,6})?$/.test(text)) return Number(text);
  return type === 'array' ? [text] : text;
}

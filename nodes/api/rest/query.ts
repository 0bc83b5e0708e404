import { TpeError } from '../../manager/shared/tpe-error.js';

/** What a query may say, as JSON Schema. */
export interface QuerySchema {
  type: 'object';
  properties: Readonly<Record<string, object>>;
  required?: readonly string[];
  additionalProperties: false;
}

const MAX_VALUES = 10_000;

/** The query of a URL, as valuesIn reads it. */
export function queryIn(url: string): Record<string, unknown> {
  const begin = url.indexOf('?');
  return begin === -1 ? {} : valuesIn(url.slice(begin + 1));
}

/**
 * What a query or a form says by name; a name that comes several times, or ends in `[]` or `[0]`, is a list. `%zz` stays what it is.
 * INVALID_INPUT for more than anybody has to say.
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

/** Reads the texts of a query as its schema wants them; what is no such text is left as it is, for the parser to judge. */
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
  if (type === 'integer' && /^\d{1,9}$/.test(text)) return Number(text);
  if (type === 'number' && /^\d{1,9}(?:\.\d{1,6})?$/.test(text)) return Number(text);
  return type === 'array' ? [text] : text;
}

/** What a query may say, as JSON Schema. */
export interface QuerySchema {
  type: 'object';
  properties: Readonly<Record<string, object>>;
  required?: readonly string[];
  additionalProperties: false;
}

/**
 * The query of a URL by name; a name that comes several times, or ends in `[]`, is a list. Nothing here fails: `%zz` stays what
 * it is.
 */
export function queryIn(url: string): Record<string, unknown> {
  const begin = url.indexOf('?');
  if (begin === -1) return {};
  const values = new Map<string, string | string[]>();
  for (const [given, value] of new URLSearchParams(url.slice(begin + 1))) {
    const name = given.replace(/\[\]$/, '');
    const known = values.get(name);
    if (known === undefined) values.set(name, given === name ? value : [value]);
    else values.set(name, [known, value].flat());
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

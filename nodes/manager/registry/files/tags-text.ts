/** Stands between tags in one cell of a file. */
export const TAGS_SEPARATOR = ';';

/** `{a,"b c"}` of PostgreSQL, `["a", "b"]` of JSON, `['a', 'b']` of Python. */
const LIST = /^(?:\{(.*)\}|\[(.*)\])$/s;
const MEMBER = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^,]+))/gs;

/** The tags in a list as programs write one into a cell; null for any other text. */
export function membersOf(text: string): string[] | null {
  const list = LIST.exec(text);
  if (list === null) return null;
  return [...(list[1] ?? list[2] ?? '').matchAll(MEMBER)]
    .map(([, double, single, bare]) => (double ?? single)?.replace(/\\(.)/gs, '$1') ?? bare ?? '')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** The tags in a text of a person: `;` and `,` stand between them, also those of East Asian keyboards, and line breaks. */
export function tagsIn(text: string): string[] {
  return text
    .split(/[;,\uff1b\uff0c\u3001\r\n]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

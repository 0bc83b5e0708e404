/** The separator of tags in a cell of a file. */
export const TAGS_SEPARATOR = ';';

/** A list as PostgreSQL (`{a,"b c"}`), JSON (`["a", "b"]`) or Python (`['a', 'b']`) writes it. */
const LIST = /^(?:\{(.*)\}|\[(.*)\])$/s;
const MEMBER = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^,]+))/gs;

/** Reads the tags from a list that a program wrote into a cell; null for any other text. */
export function membersOf(text: string): string[] | null {
  const list = LIST.exec(text);
  if (list === null) return null;
  return [...(list[1] ?? list[2] ?? '').matchAll(MEMBER)]
    .map(([, double, single, bare]) => (double ?? single)?.replace(/\\(.)/gs, '$1') ?? bare ?? '')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** Reads the tags from a text that a person wrote, separated by semicolons, commas (also East Asian ones) or line breaks. */
export function tagsIn(text: string): string[] {
  return text
    .split(/[;,\uff1b\uff0c\u3001\r\n]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

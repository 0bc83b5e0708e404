/** Stands between tags in one cell of a file. */
export const TAGS_SEPARATOR = ';';

/** The tags in a text of a person: `;` and `,` stand between them, also those of East Asian keyboards, and line breaks. */
export function tagsIn(text: string): string[] {
  return text
    .split(/[;,\uff1b\uff0c\u3001\r\n]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

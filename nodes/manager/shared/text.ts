/** Control characters: C0, DEL and C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
export const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

const MAX_QUOTE_LENGTH = 120;

/** The number of characters as PostgreSQL counts them: an emoji is one. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (const unit of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) length -= unit.length;
  return length;
}

/** A value fit for a message: quoted, with control characters escaped, and cut short. */
export function quote(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? '(none)' : typeof value;
  const cut = value.length > MAX_QUOTE_LENGTH ? `${value.slice(0, MAX_QUOTE_LENGTH)}...` : value;
  return JSON.stringify(cut);
}

/** The same for the place of a text that has the quotes itself. */
export function quotable(text: string): string {
  return quote(text).slice(1, -1);
}

/** Whether PostgreSQL can store a text. If not, no stored text can be equal to it. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

import type { ImportColumn } from './file-columns.js';

/** The columns with names, in which invisible characters and spaces at the ends are never intended. */
export const NAMES: readonly ImportColumn[] = ['clientid', 'username'];

/** Characters that are invisible or change the direction of text. Emoji and some scripts need two of them (joiners), names need none. */
export const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const UNSEEN_BUT_JOINERS =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
export const ODD_SPACES = /[\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;
const FULL_WIDTH = /[\uff01-\uff5e]/g;
/** A value in quotes that CSV does not know: some programs write single quotes, people write typographic ones. */
const IN_QUOTES =
  /^(?:[\u201c\u201e\u201d]([^\u201c-\u201e]+)[\u201c\u201d]|['\u2018\u201a]([^'\u2018-\u201a]+)['\u2018\u2019])$/;

/** Removes from the text of a cell what is never intended in it: invisible characters, spaces and quotes around it. */
export function cleaned(column: ImportColumn, cell: string): string {
  const isName = NAMES.includes(column);
  let text = cell.replace(isName ? UNSEEN : UNSEEN_BUT_JOINERS, '').normalize('NFC');
  if (column === 'note') return text;
  if (isName) {
    text = text.replace(FULL_WIDTH, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
  }
  text = text.replace(isName ? ODD_SPACES : /[\u00a0\u2028\u2029]/g, ' ').trim();
  return unquoted(text);
}

function unquoted(text: string): string {
  const inner = IN_QUOTES.exec(text);
  return (inner?.[1] ?? inner?.[2] ?? text).trim();
}

/** Removes from a name that a person typed or pasted what is never intended in one, as import does. */
export function cleanName(text: string): string {
  return cleaned('clientid', text);
}

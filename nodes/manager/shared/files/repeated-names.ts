import { endOfText } from '../json-bounds.js';

/** A name that an object in a JSON text has more than once. JSON.parse keeps the last value and does not tell of the others. */
export interface RepeatedName {
  name: string;
  /** Names of fields and indices, from the whole to the object. */
  path: readonly (string | number)[];
}

const QUOTE = 34;
const COMMA = 44;
/** Characters after which null is yielded. */
const AT_ONCE = 32 * 1024;

interface Level {
  /** Names of an object so far; null for a list. */
  names: Set<string> | null;
  /** The current place: the name of a field, or an index. */
  at: string | number;
}

/**
 * Yields each name that one object of a text has more than once; the text must be valid JSON. Also yields null now and then, so that the
 * caller can let the event loop run.
 */
export function* repeatedNames(text: string): Generator<RepeatedName | null, undefined> {
  const open: Level[] = [];
  let breathAt = AT_ONCE;
  for (let place = 0; place < text.length; place += 1) {
    if (place > breathAt) {
      yield null;
      breathAt = place + AT_ONCE;
    }
    const code = text.charCodeAt(place);
    const level = open.at(-1);
    if (code === QUOTE) {
      const end = endOfText(text, place);
      if (end === -1) return;
      if (level?.names && isName(text, end + 1)) {
        const name = textIn(text, place, end);
        level.at = name;
        if (level.names.has(name)) yield { name, path: open.slice(0, -1).map(({ at }) => at) };
        level.names.add(name);
      }
      place = end;
    } else if (code === COMMA) {
      if (level?.names === null) level.at = (level.at as number) + 1;
    }
    // One comparison finds both brackets, because the codes of [ and { differ in one bit alone, and so do those of ] and }.
    else if ((code | 32) === 123) open.push({ names: code === 123 ? new Set() : null, at: 0 });
    else if ((code | 32) === 125) open.pop();
  }
}

function isName(text: string, behind: number): boolean {
  let place = behind;
  while (text.charCodeAt(place) <= 32) place += 1;
  return text[place] === ':';
}

function textIn(text: string, begin: number, end: number): string {
  const plain = text.slice(begin + 1, end);
  return plain.includes('\\') ? (JSON.parse(text.slice(begin, end + 1)) as string) : plain;
}

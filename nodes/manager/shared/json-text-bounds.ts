import { endOfText, type JsonBounds } from './json-bounds.js';

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPENING_LIST = 91;
const SPACE = 32;

/**
 * How a JSON text exceeds bounds, in the words of whyTooLarge; null if it seems not to. It takes a millisecond for what JSON.parse needs up
 * to fifty for. It refuses nothing that whyTooLarge would take, and may pass what that refuses: it does not count the first entry of a list,
 * unless that is a list or an object. A text that is no JSON may give any answer.
 */
export function whyTextTooLarge(
  text: string,
  { depth, values }: Pick<JsonBounds, 'depth' | 'values'>,
): string | null {
  /** For each level, whether it is a list. */
  const isList: boolean[] = [];
  let level = 0;
  let found = 1;
  /** The last character that is no space. */
  let last = 0;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code <= SPACE) continue;
    if (code === QUOTE) {
      place = endOfText(text, place);
      if (place === -1) return null;
    } else if (code === COLON) found += 1;
    else if (code === COMMA) found += isList[level] === true ? 1 : 0;
    // One comparison finds both brackets, because the codes of [ and { differ in one bit alone, and so do those of ] and }.
    else if ((code | 32) === 123) {
      if (last === OPENING_LIST) found += 1;
      level += 1;
      if (level > depth) return `is nested deeper than ${depth} levels`;
      isList[level] = code === OPENING_LIST;
    } else if ((code | 32) === 125) level -= 1;
    if (found > values) return `has more than ${values} values`;
    last = code;
  }
  return null;
}

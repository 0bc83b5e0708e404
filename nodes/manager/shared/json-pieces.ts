import { type Place, parseExactJson, UncarriedNumber } from './exact-json.js';
import { endOfText, MAX_DEPTH, RefusedJson, TooDeep } from './json-bounds.js';
import { jsonReason } from './json-reasons.js';
import { yieldToEventLoop } from './yield-to-event-loop.js';

/** Characters that are parsed at once, which takes some tenths of a millisecond. */
const PIECE = 32 * 1024;
/** How deep parts that are larger than a piece may be nested, because each level is scanned once more. */
const MAX_LARGE = 12;

/** Most elements of a list: gateways in a file. */
export const MAX_ELEMENTS = 100_000;
/** Most fields of an object, because objects with very many are slow. */
const MAX_FIELDS = 20_000;
/** Most values in all lists and objects of a text. More would fill the memory, and take long to scan. */
const MAX_VALUES = 1_000_000;

const QUOTE = 34;
const COMMA = 44;

/** JSON with more values than anybody has. */
export class TooMany extends RefusedJson {
  constructor(
    most: number,
    code: 'json-too-many-elements' | 'json-too-many-fields' | 'json-too-many-values',
  ) {
    super(jsonReason(code, { most }));
  }
}

/**
 * As parseExactJson, for a text that may be large: it yields to the event loop in between. Rejects with TooDeep, TooMany, UncarriedNumber,
 * and with SyntaxError for a text that is no JSON.
 */
export async function parseInPieces(text: string, depth = 0): Promise<unknown> {
  if (text.length <= PIECE) return parseExactJson(text, MAX_DEPTH - depth);
  if (depth === MAX_LARGE) throw new TooDeep(MAX_LARGE);
  const begin = text.search(/\S/);
  const opening = text[begin];
  // A text, a number, or no JSON at all.
  if (opening !== '[' && opening !== '{') {
    await yieldToEventLoop();
    return parseExactJson(text, MAX_DEPTH - depth);
  }
  const list: unknown[] = [];
  const fields: Record<string, unknown> = {};
  let count = 0;
  const most = opening === '[' ? MAX_ELEMENTS : MAX_FIELDS;
  for await (const part of partsOf(text, begin + 1, opening === '[' ? ']' : '}')) {
    if (opening === '[') count = list.push(...(await elementsOf(part, depth, count)));
    else {
      const some = await fieldsOf(part, depth);
      for (const [name, value] of some) define(fields, name, value);
      count += some.length;
    }
    if (count > most)
      throw new TooMany(most, opening === '[' ? 'json-too-many-elements' : 'json-too-many-fields');
    await yieldToEventLoop();
  }
  return opening === '[' ? list : fields;
}

/** The elements in a part of a list; `first` is the index of the first one. */
async function elementsOf(part: string, depth: number, first: number): Promise<unknown[]> {
  try {
    if (part.length <= PIECE) return parseExactJson(`[${part}]`, MAX_DEPTH - depth) as unknown[];
  } catch (error) {
    throw placed(error, ([at, ...below]) => [first + Number(at), ...below]);
  }
  return [await parseInPieces(part, depth + 1).catch(rethrownBelow(first))];
}

/** The same error with the number's place in the whole; its place was one within a part. */
function placed(error: unknown, whole: (path: Place) => Place): unknown {
  if (!(error instanceof UncarriedNumber)) return error;
  const { path, text } = error.number;
  return new UncarriedNumber({ path: whole(path), text });
}

function rethrownBelow(name: string | number): (error: unknown) => never {
  return (error) => {
    throw placed(error, (path) => [name, ...path]);
  };
}

async function fieldsOf(part: string, depth: number): Promise<[string, unknown][]> {
  if (part.length <= PIECE) return Object.entries(parseExactJson(`{${part}}`, MAX_DEPTH - depth) as object);
  const begin = part.indexOf('"');
  const end = begin === -1 ? -1 : endOfText(part, begin);
  const colon = part.indexOf(':', end);
  const isNamed = end !== -1 && part.slice(0, begin).trim() === '' && colon !== -1;
  if (!isNamed || part.slice(end + 1, colon).trim() !== '') throw new SyntaxError('A field has no name');
  const name = String(JSON.parse(part.slice(begin, end + 1)));
  return [[name, await parseInPieces(part.slice(colon + 1), depth + 1).catch(rethrownBelow(name))]];
}

/** Sets a field. An assignment would not do for `__proto__`, which is a name like any other. */
function define(fields: object, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * The content of a list or an object, as texts: several elements together as long as they fit into a piece, or a larger one alone. Throws
 * SyntaxError if it does not end properly, and TooMany.
 */
async function* partsOf(text: string, from: number, closing: ']' | '}'): AsyncGenerator<string> {
  const close = closing.charCodeAt(0);
  let depth = 0;
  let begin = from;
  let lastComma = -1;
  let breathAt = from + PIECE;
  let isFirst = true;
  let values = 1;
  for (let place = from; place < text.length; place += 1) {
    if (place > breathAt) {
      if (values > MAX_VALUES) throw new TooMany(MAX_VALUES, 'json-too-many-values');
      await yieldToEventLoop();
      breathAt = place + PIECE;
    }
    const code = text.charCodeAt(place);
    if (code === QUOTE) {
      place = endOfText(text, place);
      if (place === -1) break;
    } else if (code === COMMA) {
      values += 1;
      if (depth > 0) continue;
      // With this element, the ones before would exceed a piece.
      if (lastComma !== -1 && place - begin > PIECE) {
        yield filled(text.slice(begin, lastComma));
        begin = lastComma + 1;
        isFirst = false;
      }
      lastComma = place;
    } else if ((code | 32) === 123) {
      values += 1;
      depth += 1;
    } else if ((code | 32) === 125) {
      depth -= 1;
      if (depth >= 0) continue;
      if (code !== close || text.slice(place + 1).trim() !== '') break;
      if (lastComma !== -1 && place - begin > PIECE) {
        yield filled(text.slice(begin, lastComma));
        begin = lastComma + 1;
        isFirst = false;
      }
      const rest = text.slice(begin, place);
      if (!isFirst || rest.trim() !== '') yield filled(rest);
      return;
    }
  }
  throw new SyntaxError(`A ${closing === ']' ? 'list' : 'object'} has no sound end`);
}

function filled(part: string): string {
  if (part.trim() === '') throw new SyntaxError('There is nothing between two commas');
  return part;
}

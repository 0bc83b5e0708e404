import { parseLongJson, pointerOf } from '../../shared/exact-json.js';
import { repeatedNames } from '../../shared/files/repeated-names.js';
import { endOfText, jsonFault } from '../../shared/json-bounds.js';
import type { Notes } from './note-list.js';

/**
 * Reads a JSON file, which may have comments and trailing commas. `most` is the largest depth. Whole numbers beyond 2^53 become
 * BigInt; `notes` gets other numbers that are not exact, and whether there were comments or commas.
 *
 * Throws an Error that says why the file cannot be read. A field that occurs twice in an object is a fault, since JSON.parse
 * would silently drop one of the two.
 */
export function readJsonFile(text: string, most: number, notes: Notes): unknown {
  const { value, read } = parsed(text, most, notes);
  const twice = firstTwice(read);
  if (twice !== null)
    throw new Error(
      `the field ${JSON.stringify(twice.slice(0, 100).toWellFormed())} stands twice in one place`,
    );
  return value;
}

function parsed(text: string, most: number, notes: Notes): { value: unknown; read: string } {
  try {
    return { value: readNumbers(text, most, notes), read: text };
  } catch (error) {
    const plain = withoutComments(text);
    if (plain === text) throw new Error(jsonFault(error));
    try {
      const value = readNumbers(plain, most, notes);
      notes.add('', 'file-comments');
      return { value, read: plain };
    } catch {
      throw new Error(jsonFault(error));
    }
  }
}

function readNumbers(text: string, most: number, notes: Notes): unknown {
  const { value, rounded } = parseLongJson(text, most);
  for (const { path, text: digits, near } of rounded)
    notes.add(pointerOf(path), 'number-rounded', { value: digits, near: String(near) });
  return value;
}

/** Removes comments, and commas before a closing bracket. */
function withoutComments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let place = 0; place < text.length; place += 1) {
    const two = text.slice(place, place + 2);
    if (text[place] === '"') {
      const end = endOfText(text, place);
      if (end === -1) break;
      place = end;
    } else if (two === '//' || two === '/*') {
      const end = two === '//' ? text.indexOf('\n', place) : text.indexOf('*/', place + 2);
      parts.push(text.slice(from, place));
      if (end === -1) return parts.join('');
      from = two === '//' ? end : end + 2;
      place = from - 1;
    } else if (text[place] === ',' && endsAfter(text, place + 1)) {
      parts.push(text.slice(from, place));
      from = place + 1;
    }
  }
  return [...parts, text.slice(from)].join('');
}

/** Whether only blanks and comments come before a closing bracket. */
function endsAfter(text: string, from: number): boolean {
  const rest = /(?:\s+|\/\/[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*/y;
  rest.lastIndex = from;
  rest.exec(text);
  return /[\]}]/.test(text[rest.lastIndex] ?? '');
}

function firstTwice(text: string): string | null {
  for (const found of repeatedNames(text)) if (found !== null) return found.name;
  return null;
}

import { jsonReason } from './json-reasons.js';
import { type Reason, wordsOfOthers } from './reason.js';
import { messageOf } from './tpe-error.js';

/** Bounds of a JSON value from outside. */
export interface JsonBounds {
  /** Levels of lists and objects within each other: `[]` has 1. */
  depth: number;
  /** Number of values of all kinds, including nested ones. */
  values: number;
  /** Characters of all texts and field names together. */
  characters: number;
}

/** No real data is deeper, and a function that walks through a value by recursion fails at some thousand levels. */
export const MAX_DEPTH = 64;

/** JSON that is sound, but not taken. */
export class RefusedJson extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.text);
    this.reason = reason;
  }
}

/** JSON that is nested too deeply to be read. */
export class TooDeep extends RefusedJson {
  constructor(most: number) {
    super(jsonReason('json-too-deep', { most }));
  }
}

/**
 * As JSON.parse, for a text from outside. Throws TooDeep for a text that is nested deeper than `most` levels, before it is parsed, and
 * SyntaxError for a text that is no JSON.
 */
export function parseJson(text: string, most = MAX_DEPTH): unknown {
  if (text.length > most && hasMoreBrackets(text, most) && isDeeper(text, most)) throw new TooDeep(most);
  return JSON.parse(text);
}

/** The JSON value of a text from outside; undefined if it is no JSON or nested too deeply. */
export function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/**
 * Why a text could not be read as JSON, in words that can be shown and stored: JSON.parse quotes the text around the fault, which may
 * contain a password.
 */
export function whyNoJson(error: unknown): Reason {
  if (error instanceof RefusedJson) return error.reason;
  const told = messageOf(error);
  const plain = error instanceof SyntaxError ? told.replace(/,? ?(?:\.\.\.)?"[\s\S]*$/, '') : told;
  return plain === '' ? jsonReason('json-none') : wordsOfOthers(plain);
}

/** The text of whyNoJson. */
export function jsonFault(error: unknown): string {
  return whyNoJson(error).text;
}

/**
 * How a value exceeds its bounds, as the end of a sentence (`is nested deeper than 64 levels`); null if it does not. Stops at the first
 * bound that is exceeded, and thus also ends for a value that contains itself.
 */
export function whyTooLarge(value: unknown, { depth, values, characters }: JsonBounds): string | null {
  let level = [value];
  let valuesLeft = values;
  let charactersLeft = characters;
  for (let at = 0; level.length > 0; at += 1) {
    const next: unknown[] = [];
    for (const one of level) {
      valuesLeft -= 1;
      if (typeof one === 'string') charactersLeft -= one.length;
      if (valuesLeft < 0) return `has more than ${values} values`;
      if (charactersLeft < 0) return `has more than ${characters} characters`;
      if (typeof one !== 'object' || one === null) continue;
      if (at === depth) return `is nested deeper than ${depth} levels`;
      if (Array.isArray(one)) {
        if (next.length + one.length > valuesLeft) return `has more than ${values} values`;
        for (const inner of one) next.push(inner);
        continue;
      }
      for (const name of Object.keys(one)) {
        charactersLeft -= name.length;
        if (next.length > valuesLeft) return `has more than ${values} values`;
        next.push((one as Record<string, unknown>)[name]);
      }
    }
    level = next;
  }
  return null;
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Whether more than `most` brackets open: a quick look, since few texts have so many, and a text with fewer cannot be nested deeper. */
function hasMoreBrackets(text: string, most: number): boolean {
  let found = 0;
  for (const bracket of ['{', '[']) {
    for (let place = text.indexOf(bracket); place !== -1; place = text.indexOf(bracket, place + 1)) {
      found += 1;
      if (found > most) return true;
    }
  }
  return false;
}

/** Whether brackets are nested deeper than `most`. Brackets within texts do not count. */
function isDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) {
      place = endOfText(text, place);
      if (place === -1) return false;
    }
    // One comparison finds both brackets, because the codes of [ and { differ in one bit alone, and so do those of ] and }.
    else if ((code | 32) === 123) depth += 1;
    else if ((code | 32) === 125) depth -= 1;
    if (depth > most) return true;
  }
  return false;
}

/** Index of the quote that ends the JSON text beginning with the quote at `place`; -1 if there is none. */
export function endOfText(text: string, place: number): number {
  for (let end = place + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) return end;
    if (code === BACKSLASH) end += 1;
  }
  return -1;
}

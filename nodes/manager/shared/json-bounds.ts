import { messageOf } from './tpe-error.js';

/** What a JSON value from outside may be at most. */
export interface JsonBounds {
  /** How far lists and objects lie in each other: `[]` is 1. */
  depth: number;
  /** Values of all kinds, also within others. */
  values: number;
  /** Of all texts and names of fields together. */
  characters: number;
}

/** Deeper is nobody's data; what walks through a value by calling itself ends at some thousands. */
export const MAX_DEPTH = 64;

/** JSON that nobody reads for its depth. */
export class TooDeep extends Error {
  constructor(most: number) {
    super(`it is nested deeper than ${most} levels`);
  }
}

/**
 * As JSON.parse, for a text from outside: throws TooDeep for one that is nested deeper than `most` levels, before anything is
 * made of it, and SyntaxError for one that is no JSON.
 */
export function parseJson(text: string, most = MAX_DEPTH): unknown {
  if (text.length > most && isDeeper(text, most)) throw new TooDeep(most);
  return JSON.parse(text);
}

/** What a text from outside says as JSON; undefined where it is none, or nested too deeply. */
export function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/**
 * Why a text could not be read as JSON, as it can be told and kept: JSON.parse quotes the text around the fault, and that may be
 * a password.
 */
export function jsonFault(error: unknown): string {
  const told = messageOf(error);
  const plain = error instanceof SyntaxError ? told.replace(/,? ?(?:\.\.\.)?"[\s\S]*$/, '') : told;
  return plain === '' ? 'there is no JSON in it' : plain;
}

/**
 * How a value is larger than its bounds, as the end of a sentence (`is nested deeper than 64 levels`); null where it is
 * not. Ends as soon as it is known, whatever the value is: one that holds itself, too.
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

/** Whether brackets lie deeper in each other; those in texts do not count. */
function isDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) {
      place = endOfText(text, place);
      if (place === -1) return false;
    }
    // { and [ differ from } and ] by two, and both pairs by one bit alone.
    else if ((code | 32) === 123) depth += 1;
    else if ((code | 32) === 125) depth -= 1;
    if (depth > most) return true;
  }
  return false;
}

/** Where the JSON text that begins with the quote at `place` ends; -1: nowhere. */
export function endOfText(text: string, place: number): number {
  for (let end = place + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) return end;
    if (code === BACKSLASH) end += 1;
  }
  return -1;
}

import { REDACTED } from './secret-text.js';

/** Finds secrets that were sent in texts that came back, in bounded time for any secrets and texts. */
export interface SentSecrets {
  /** Whether any of the secrets may be in a text. */
  mayBeIn(text: string): boolean;
  /** The text with each of the secrets replaced. If that would take too long, the whole text is replaced. */
  hide(text: string): string;
}

/** From so many characters on, a secret counts wherever it occurs; a shorter one only as a word of its own. */
const UNMISTAKABLE = 8;
/** Characters to compare for all texts of one value together. Only an attacker comes near it. */
const MAX_WORK = 8_000_000;

interface Needle {
  value: string;
  first: string;
  last: string;
  /** For each index of the value, the length of the longest beginning of it that also ends there. Computed when it is needed. */
  borders: Int32Array | null;
}

/**
 * Creates the search for these secrets. The person from whom they are hidden may have chosen them and the text too, and then neither a
 * regular expression of them nor String.indexOf takes linear time.
 */
export function createSentSecrets(values: readonly string[]): SentSecrets {
  const needles = values.filter(({ length }) => length >= UNMISTAKABLE).map(needleOf);
  const words = wordsOf(values.filter(({ length }) => length < UNMISTAKABLE));

  let workLeft = MAX_WORK;

  function mayBeIn(text: string): boolean {
    return words?.test(text) === true || needles.some((needle) => beginOf(needle, text) >= 0);
  }

  function hide(text: string): string {
    const possible = needles.filter((needle) => beginOf(needle, text) >= 0);
    workLeft -= possible.length * text.length;
    if (workLeft < 0 && possible.length > 0) return REDACTED;
    const spans = possible
      .flatMap((needle) => placesOf(needle, text).map((from) => ({ from, to: from + needle.value.length })))
      .toSorted((one, other) => one.from - other.from);
    const parts: string[] = [];
    let at = 0;
    for (const { from, to } of spans) {
      if (from >= at) parts.push(text.slice(at, from), REDACTED);
      at = Math.max(at, to);
    }
    const hidden = spans.length === 0 ? text : [...parts, text.slice(at)].join('');
    return words?.test(hidden) === true ? hidden.replaceAll(new RegExp(words, 'g'), REDACTED) : hidden;
  }

  return { mayBeIn, hide };
}

function needleOf(value: string): Needle {
  return { value, first: value.slice(0, UNMISTAKABLE), last: value.slice(-UNMISTAKABLE), borders: null };
}

/** A pattern for short secrets. Their length bounds the work at each place of a text. */
function wordsOf(values: readonly string[]): RegExp | null {
  if (values.length === 0) return null;
  const literals = values
    .toSorted((one, other) => other.length - one.length)
    .map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?<![A-Za-z\\d])(?:${literals.join('|')})(?![A-Za-z\\d])`);
}

/**
 * The first index at which a secret may occur; -1 if there is none. Searches for the first and the last 8 characters only, which takes
 * linear time.
 */
function beginOf({ value, first, last }: Needle, text: string): number {
  const begin = text.length < value.length ? -1 : text.indexOf(first);
  return begin >= 0 && text.includes(last, begin) ? begin : -1;
}

/** The indices at which a secret occurs, without overlaps, by the algorithm of Knuth, Morris and Pratt. */
function placesOf(needle: Needle, text: string): number[] {
  const { value } = needle;
  needle.borders ??= bordersOf(value);
  const { borders } = needle;
  const places: number[] = [];
  let fits = 0;
  for (let at = beginOf(needle, text); at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    while (fits > 0 && value.charCodeAt(fits) !== code) fits = borders[fits - 1]!;
    if (value.charCodeAt(fits) === code) fits += 1;
    if (fits < value.length) continue;
    places.push(at - fits + 1);
    fits = 0;
  }
  return places;
}

function bordersOf(value: string): Int32Array {
  const borders = new Int32Array(value.length);
  let fits = 0;
  for (let at = 1; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    while (fits > 0 && value.charCodeAt(fits) !== code) fits = borders[fits - 1]!;
    if (value.charCodeAt(fits) === code) fits += 1;
    borders[at] = fits;
  }
  return borders;
}

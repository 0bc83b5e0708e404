import { REDACTED } from './secret-text.js';

/** Finds secrets that were sent in texts that came back, in a time that is bounded whatever both are. */
export interface SentSecrets {
  /** False: none of them is in there. */
  mayBeIn(text: string): boolean;
  /** The text with each of them replaced; nothing of it is left where that would take too long. */
  hide(text: string): string;
}

/** From here on it is one wherever it stands; a shorter one only as a word of its own. */
const UNMISTAKABLE = 8;
/** Characters that are compared for all texts of one value together: only who means harm comes near it. */
const MAX_WORK = 8_000_000;

interface Needle {
  value: string;
  first: string;
  last: string;
  /** For each place in the value: how long its beginning is that ends there, too. Made when it is needed. */
  borders: Int32Array | null;
}

/**
 * `values` may be chosen by whom they are to be hidden from, and so may the text: neither a regular expression of them nor
 * String.indexOf looks through every text in linear time.
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

/** Short ones are bounded, and so is the work at each place of a text. */
function wordsOf(values: readonly string[]): RegExp | null {
  if (values.length === 0) return null;
  const literals = values
    .toSorted((one, other) => other.length - one.length)
    .map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?<![A-Za-z\\d])(?:${literals.join('|')})(?![A-Za-z\\d])`);
}

/** Where it may stand at the earliest; -1: nowhere. Short texts are found in linear time. */
function beginOf({ value, first, last }: Needle, text: string): number {
  const begin = text.length < value.length ? -1 : text.indexOf(first);
  return begin >= 0 && text.includes(last, begin) ? begin : -1;
}

/** Where it stands in the text, without overlaps: by Knuth, Morris and Pratt. */
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

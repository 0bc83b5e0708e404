import { endOfText, MAX_DEPTH, parseJson, RefusedJson } from './json-bounds.js';
import { jsonReason } from './json-reasons.js';

// A JSON number may have any number of digits, while a JavaScript number has 53 bits. JSON.parse silently rounds what has more, so that
// a counter of 64 bits would change when it is written again. What is read here is either the same number, or is reported.
//
// - Texts from gateways go through `readJson`: a number that is not held becomes the text of its digits.
// - Texts for gateways go through `parseExactJson`: a whole number that is not held becomes a BigInt, which `exactJson` writes with all
//   its digits. Any other is refused with its place.
// - Files of people go through `parseLongJson`: a number that is not held is reported with its place, and the rest is taken.

/** Names of fields and indices that lead from the whole value to one within it. */
export type Place = readonly (string | number)[];

/** A number that JSON.parse would change. */
export interface LongNumber {
  path: Place;
  /** As it was written. */
  text: string;
}

export interface ReadJson {
  value: unknown;
  /** The JSON Pointers of numbers that are given as texts. */
  asText: string[];
}

/** JSON with a number that fits neither a JavaScript number nor a BigInt. */
export class UncarriedNumber extends RefusedJson {
  /** The number and its place. */
  readonly number: LongNumber;

  constructor(number: LongNumber) {
    const { path, text } = number;
    const shown = text.length > 60 ? `${text.slice(0, 59)}…` : text;
    const place = JSON.stringify(pointerOf(path));
    super(jsonReason('json-number-not-carried', { number: shown, place }));
    this.number = number;
  }
}

/** Most digits of a whole number. No counter has more. */
export const MAX_DIGITS = 40;

/** As parseJson, with the text of its digits for each number that a JavaScript number cannot hold. Also throws TooManyLongNumbers. */
export function readJson(text: string, most = MAX_DEPTH): ReadJson {
  return replaceLong(text, parseJson(text, most), isHeld, ({ text }) => text);
}

/**
 * As parseJson, with a BigInt for each whole number beyond 2^53. Throws UncarriedNumber for any other number that a JavaScript number
 * cannot hold, and TooManyLongNumbers.
 */
export function parseExactJson(text: string, most = MAX_DEPTH): unknown {
  const carried = (number: LongNumber) => {
    const whole = wholeOf(number.text);
    if (whole === null) throw new UncarriedNumber(number);
    return whole;
  };
  return replaceLong(text, parseJson(text, most), isHeld, carried).value;
}

/** A number of a file with the closest JavaScript number, which is used instead. */
export interface Rounded extends LongNumber {
  near: number;
}

/**
 * As parseJson, with a BigInt for each whole number beyond 2^53. `rounded` lists all others that a JavaScript number cannot hold. Takes
 * long for many of them.
 */
export function parseLongJson(text: string, most: number): { value: unknown; rounded: Rounded[] } {
  const rounded: Rounded[] = [];
  const taken = (number: LongNumber) => {
    const whole = wholeOf(number.text);
    if (whole !== null) return whole;
    rounded.push({ ...number, near: Number(number.text) });
    return Number(number.text);
  };
  const { value } = replaceLong(text, parseJson(text, most), isHeld, taken, UNBOUNDED);
  return { value, rounded };
}

/** The number that the text of a JSON number means, as BigInt beyond 2^53. `isSame` is false if the value is only close to it. */
export function numberOf(token: string): { value: number | bigint; isSame: boolean } {
  if (isHeld(token, () => undefined)) return { value: Number(token), isSame: true };
  const whole = wholeOf(token);
  return { value: whole ?? Number(token), isSame: whole !== null };
}

/**
 * Parses the JSON of a database column: as JSON.parse, with the text of its digits for each whole number beyond 2^53. If there are too many
 * of these, they are rounded.
 */
export function storedJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  try {
    return replaceLong(text, parsed, isHeldAsStored, (number) => number.text).value;
  } catch (error) {
    if (error instanceof TooManyLongNumbers) return parsed;
    throw error;
  }
}

/** As JSON.stringify, with each BigInt as a number with all its digits. */
export function exactJson(value: unknown, indent?: number): string {
  if (!hasBigInt(value)) return JSON.stringify(value, null, indent) as string;
  // The mark is random, so that no text contains it.
  const mark = `bigint:${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}:`;
  // Reads the value from `this`, because much code gives BigInt a toJSON that returns a text.
  function marked(this: Record<string, unknown>, name: string, one: unknown): unknown {
    return typeof this[name] === 'bigint' ? `${mark}${this[name]}` : one;
  }
  return JSON.stringify(value, marked, indent).replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}

/**
 * The first number that cannot be written as the JSON number that was meant, or that may have been rounded before; null if there is none.
 */
export function unsendableNumber(value: unknown): { path: Place; why: string } | null {
  const path: (string | number)[] = [];
  const within = (one: unknown): string | null => {
    if (typeof one === 'number') return whyUnsendable(one);
    if (typeof one === 'bigint') return one.toString().length > MAX_DIGITS + 1 ? 'has too many digits' : null;
    if (typeof one !== 'object' || one === null || 'toJSON' in one) return null;
    for (const [name, inner] of Object.entries(one)) {
      path.push(Array.isArray(one) ? Number(name) : name);
      const why = within(inner);
      if (why !== null) return why;
      path.pop();
    }
    return null;
  };
  const why = within(value);
  return why === null ? null : { path, why };
}

/** From here on, JavaScript writes a number with an exponent, and nobody takes it for a whole one. */
const LEAST_WITH_EXPONENT = 1e21;

function whyUnsendable(number: number): string | null {
  if (!Number.isFinite(number)) return `is ${number}, which is no number in JSON`;
  const isWhole = Number.isInteger(number) && Math.abs(number) < LEAST_WITH_EXPONENT;
  if (!isWhole || Number.isSafeInteger(number)) return null;
  return `is ${number}, a whole number beyond ${Number.MAX_SAFE_INTEGER}, whose last digits JavaScript may have changed: give it as a BigInt (${BigInt(number)}n with the digits that are meant), or as a text where the gateway takes one`;
}

/**
 * The number that a person has typed: a whole one with all its digits. A text that is no number, or one that cannot be held, stays a text.
 */
export function typedNumber(text: string): number | bigint | string {
  const plain = text.trim().replace(/^(-?)0+(?=\d)/, '$1');
  if (/^-?\d{1,40}$/.test(plain)) return parseExactJson(plain) as number | bigint;
  const number = plain === '' ? Number.NaN : Number(plain);
  if (!Number.isFinite(number)) return text;
  const isPlain = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(plain);
  return isPlain && !isSame(plain) ? text : number;
}

/** The JSON Pointer of a place (RFC 6901). */
export function pointerOf(path: Place): string {
  return path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Copies a plain value. `change` gets each value with its JSON Pointer, and returns its replacement, or null to copy it as it is. */
export function changedWithin(
  value: unknown,
  change: (one: unknown, pointer: string) => { to: unknown } | null,
  pointer = '',
): unknown {
  const changed = change(value, pointer);
  if (changed !== null) return changed.to;
  if (Array.isArray(value))
    return value.map((one, index) => changedWithin(one, change, `${pointer}/${index}`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      changedWithin(one, change, pointer + pointerOf([name])),
    ]),
  );
}

/** Whether a value contains a BigInt anywhere. Also ends for a value that contains itself. */
export function hasBigInt(value: unknown): boolean {
  const seen = new Set<object>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one === 'bigint') return true;
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    for (const inner of Object.values(one)) {
      if (typeof inner === 'bigint' || typeof inner === 'object') waiting.push(inner);
    }
  }
  return false;
}

/** Only a text that matches can have a number that is not held, and one match of the whole text is cheap. */
const MAY_BE_LONG = /[\d.]{16}|\d\.?[eE][+-]?\d{2}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const [QUOTE, COMMA, COLON, MINUS] = [34, 44, 58, 45];

interface LongBounds {
  /** Most numbers of a text that are not held. Nobody sends more, and each takes time. */
  long: number;
  /** Most numbers of a text that need a closer look to tell whether they are held. */
  lookedAt: number;
}

const BOUNDS: LongBounds = { long: 2000, lookedAt: 5000 };
/** For a reader in a thread of its own. */
const UNBOUNDED: LongBounds = { long: Number.POSITIVE_INFINITY, lookedAt: Number.POSITIVE_INFINITY };

/** JSON with more numbers that are not held than anybody sends. */
export class TooManyLongNumbers extends RefusedJson {
  constructor() {
    super(jsonReason('json-too-many-long-numbers', { most: BOUNDS.long }));
  }
}

/** A list or an object that encloses the current place of the text. */
interface Level {
  /** The current index in a list; null for an object. */
  index: number | null;
  /** Where the name of the current field begins and ends. */
  from: number;
  to: number;
}

/** Whether JSON.parse keeps the number of a token. `look` is called when that takes a closer look. */
type IsHeld = (token: string, look: () => void) => boolean;

/** The numbers of a valid JSON text that are not held, with their places. Throws TooManyLongNumbers. */
function longNumbers(text: string, holds: IsHeld, most: LongBounds): LongNumber[] {
  if (!MAY_BE_LONG.test(text)) return [];
  const found: LongNumber[] = [];
  const levels: Level[] = [];
  let level: Level | undefined;
  let lastFrom = 0;
  let lastTo = 0;
  let lookedAt = 0;
  const look = () => {
    lookedAt += 1;
    if (lookedAt > most.lookedAt) throw new TooManyLongNumbers();
  };
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) {
      lastFrom = place;
      place = endOfText(text, place);
      lastTo = place + 1;
    } else if (code === COLON && level) {
      level.from = lastFrom;
      level.to = lastTo;
    } else if (code === COMMA) {
      if (level && level.index !== null) level.index += 1;
    } else if (code >= 91 && (code | 32) === 123) {
      level = { index: code === 91 ? 0 : null, from: 0, to: 0 };
      levels.push(level);
    } else if (code >= 91 && (code | 32) === 125) {
      levels.pop();
      level = levels.at(-1);
    } else if (code === MINUS || (code >= 48 && code <= 57)) {
      NUMBER.lastIndex = place;
      NUMBER.test(text);
      const end = Math.max(place + 1, NUMBER.lastIndex);
      const token = text.slice(place, end);
      if (!holds(token, look)) {
        if (found.length === most.long) throw new TooManyLongNumbers();
        found.push({ path: levels.map((one) => nameOf(text, one)), text: token });
      }
      place = end - 1;
    }
  }
  return found;
}

function nameOf(text: string, { index, from, to }: Level): string | number {
  return index ?? (JSON.parse(text.slice(from, to)) as string);
}

/**
 * Whether a JavaScript number holds a token. A whole number from 2^53 to 10^21 never counts as held, even where it happens to be exact, so
 * that neighboring values have the same type.
 */
function isHeld(token: string, look: () => void): boolean {
  const number = Number(token);
  if (Number.isSafeInteger(number) && String(number) === token) return true;
  if (Number.isInteger(number) && Math.abs(number) < LEAST_WITH_EXPONENT && !Number.isSafeInteger(number))
    return false;
  if (String(number) === token) return true;
  if (token.length < 16 && !/[eE]/.test(token)) return true;
  look();
  return isSame(token);
}

/**
 * As isHeld, for JSON in the database. Only whole numbers are stored that are not held; PostgreSQL writes the others without an exponent.
 */
function isHeldAsStored(token: string): boolean {
  const number = Number(token);
  if (!Number.isInteger(number) || Number.isSafeInteger(number)) return true;
  return Math.abs(number) >= LEAST_WITH_EXPONENT && isSame(token);
}

/** Whether the JavaScript number of a token has the same value, or prints with the same digits. */
function isSame(token: string): boolean {
  const number = Number(token);
  if (!Number.isFinite(number)) return false;
  const written = decimal(token);
  if (written.digits === '') return true;
  if (isEqual(written, decimal(String(number)))) return true;
  // Other languages print `0.1000000000000000055` for the number that is written `0.1` here.
  const isFraction = written.exponent < 0 && written.digits.length > 15;
  return (
    isFraction &&
    written.digits.length <= 100 &&
    isEqual(written, decimal(number.toExponential(written.digits.length - 1)))
  );
}

interface Decimal {
  /** All digits, without zeros at either end. */
  digits: string;
  /** The exponent of the last digit. */
  exponent: number;
}

function decimal(token: string): Decimal {
  const [mantissa = '', power = '0'] = token.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { digits, exponent: Number(power) - fraction.length + (all.length - digits.length) };
}

function isEqual(one: Decimal, other: Decimal): boolean {
  return one.digits === other.digits && one.exponent === other.exponent;
}

/** The whole number of a token, with all its digits; null if it is not whole or has too many digits. */
function wholeOf(token: string): bigint | null {
  const { digits, exponent } = decimal(token);
  if (exponent < 0 || digits.length + exponent > MAX_DIGITS) return null;
  const size = BigInt(digits + '0'.repeat(exponent));
  return token.startsWith('-') ? -size : size;
}

/** Replaces the numbers that are not held within a value. */
function replaceLong(
  text: string,
  parsed: unknown,
  holds: IsHeld,
  by: (number: LongNumber) => unknown,
  most = BOUNDS,
): ReadJson {
  const long = longNumbers(text, holds, most);
  // If a field is repeated, its last value counts.
  const byPlace = new Map(long.map((number) => [pointerOf(number.path), number]));
  const asText: string[] = [];
  let value = parsed;
  for (const [pointer, number] of byPlace) {
    if (pointer === '') value = by(number);
    else if (!put(parsed, number, by)) continue;
    asText.push(pointer);
  }
  return { value, asText };
}

/** Replaces one number. False if another value is at its place, because a repeated field came later. */
function put(value: unknown, number: LongNumber, by: (number: LongNumber) => unknown): boolean {
  const { path, text } = number;
  const own = (at: unknown, name: string | number) =>
    typeof at === 'object' && at !== null && Object.hasOwn(at, name)
      ? (at as Record<string | number, unknown>)[name]
      : undefined;
  const holder = path.slice(0, -1).reduce<unknown>(own, value);
  const name = path.at(-1)!;
  if (!Object.is(own(holder, name), Number(text))) return false;
  Object.defineProperty(holder, name, {
    ...{ value: by(number), enumerable: true, configurable: true, writable: true },
  });
  return true;
}

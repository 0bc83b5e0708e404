import { endOfText, MAX_DEPTH, parseJson } from './json-bounds.js';

// A JSON number may have any digits; a number here has 53 bits. JSON.parse rounds in silence what has more, so that a counter of
// 64 bits is another one when it is written again. What is read here is either the same number or told of.
//
// - What comes from gateways is read by `readJson`: a number that cannot be held is given as the text of its digits.
// - What goes to gateways is read by `parseExactJson`: a whole number that cannot be held is a BigInt, which `exactJson` writes
//   with all its digits; any other is refused with its place.
// - Files that people bring are read by `parseLongJson`: what of them is not held is told with its place, and the rest is taken.

/** Names of fields and indices from the whole to a value within. */
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

/** JSON with a number that can neither be held nor carried as a BigInt. */
export class UncarriedNumber extends Error {
  /** Where it stands, and what it is. */
  readonly number: LongNumber;

  constructor(number: LongNumber) {
    super(`it has a number that cannot be carried: ${uncarriedText(number)}`);
    this.number = number;
  }
}

/** Whole numbers with more digits than this are nobody's counter. */
export const MAX_DIGITS = 40;
const REMEDY = 'give it with fewer digits, or as a text where the gateway takes one';

/** A number with its place and what to do, for a person. */
export function uncarriedText({ path, text }: LongNumber): string {
  const shown = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return `${shown} at ${JSON.stringify(pointerOf(path))} has more digits, or is larger, than can be carried unchanged: ${REMEDY}`;
}

/** As parseJson, with each number that a JavaScript number cannot hold as the text of its digits. */
export function readJson(text: string, most = MAX_DEPTH): ReadJson {
  return replaceLong(text, parseJson(text, most), isHeld, ({ text }) => text);
}

/** As parseJson, with whole numbers beyond 2^53 as BigInt. Throws UncarriedNumber for any other that cannot be held. */
export function parseExactJson(text: string, most = MAX_DEPTH): unknown {
  const carried = (number: LongNumber) => {
    const whole = wholeOf(number.text);
    if (whole === null) throw new UncarriedNumber(number);
    return whole;
  };
  return replaceLong(text, parseJson(text, most), isHeld, carried).value;
}

/** A number that stands in a file for another one. */
export interface Rounded extends LongNumber {
  near: number;
}

/** As parseJson, with whole numbers beyond 2^53 as BigInt, and `rounded`: all others that are not held. Takes its time for many. */
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

/** The number that the text of one in JSON means: a BigInt beyond 2^53; `isSame`: false where it is only near. */
export function numberOf(token: string): { value: number | bigint; isSame: boolean } {
  if (isHeld(token, () => undefined)) return { value: Number(token), isSame: true };
  const whole = wholeOf(token);
  return { value: whole ?? Number(token), isSame: whole !== null };
}

/** The JSON of a column of ours: as JSON.parse, with whole numbers beyond 2^53 as the texts of their digits. */
export function storedJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  try {
    return replaceLong(text, parsed, isHeldAsStored, (number) => number.text).value;
  } catch (error) {
    if (error instanceof TooManyLongNumbers) return parsed;
    throw error;
  }
}

/** As JSON.stringify, with each BigInt as the number that it is. */
export function exactJson(value: unknown, indent?: number): string {
  if (!hasBigInt(value)) return JSON.stringify(value, null, indent) as string;
  // No text of anybody has a mark that is made here and now.
  const mark = `bigint:${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}:`;
  // Of `this`, since much code gives BigInt a toJSON that makes a text of it.
  function marked(this: Record<string, unknown>, name: string, one: unknown): unknown {
    return typeof this[name] === 'bigint' ? `${mark}${this[name]}` : one;
  }
  return JSON.stringify(value, marked, indent).replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}

/** What cannot be written as the JSON number that was meant, or was perhaps changed before it came here. */
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

/** From here on JavaScript writes a number with an exponent: nobody takes it for a whole one. */
const LEAST_WITH_EXPONENT = 1e21;

function whyUnsendable(number: number): string | null {
  if (!Number.isFinite(number)) return `is ${number}, which is no number in JSON`;
  const isWhole = Number.isInteger(number) && Math.abs(number) < LEAST_WITH_EXPONENT;
  if (!isWhole || Number.isSafeInteger(number)) return null;
  return `is ${number}, a whole number beyond ${Number.MAX_SAFE_INTEGER}, whose last digits JavaScript may have changed: give it as a BigInt (${BigInt(number)}n with the digits that are meant), or as a text where the gateway takes one`;
}

/** What somebody has typed where a number is wanted: a whole one to its last digit; what is no number, or cannot be held, stays a text. */
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

/** A copy of a plain value with `change` done to what stands at each place, and null for what it leaves as it is. */
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

/** Whether there is a BigInt anywhere in it; ends for what holds itself, too. */
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

/** Only a text that this finds can have a number that cannot be held; one look at the whole is cheap. */
const MAY_BE_LONG = /[\d.]{16}|\d\.?[eE][+-]?\d{2}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const [QUOTE, COMMA, COLON, MINUS] = [34, 44, 58, 45];

interface LongBounds {
  /** Of one text; nobody sends more, and each takes its time. */
  long: number;
  /** Numbers of which it takes a closer look to tell whether they are held. */
  lookedAt: number;
}

const BOUNDS: LongBounds = { long: 2000, lookedAt: 5000 };
/** For who reads in a thread of its own. */
const UNBOUNDED: LongBounds = { long: Number.POSITIVE_INFINITY, lookedAt: Number.POSITIVE_INFINITY };

/** JSON with more numbers that cannot be held than anybody sends. */
export class TooManyLongNumbers extends Error {
  constructor() {
    super(`it has more than ${BOUNDS.long} numbers that no JavaScript number holds`);
  }
}

/** A list or object that is open at a place of a text. */
interface Level {
  /** Of a list, how many commas came; of an object null. */
  index: number | null;
  /** Where the text begins and ends that is the name of a field. */
  from: number;
  to: number;
}

/** Tells whether JSON.parse keeps a token. */
type IsHeld = (token: string, look: () => void) => boolean;

/** The numbers in a sound JSON text that are not held, with their places. Throws TooManyLongNumbers. */
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

/** A whole number is of one kind wherever it is large, however it is written, and not another one for every other value. */
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

/** PostgreSQL writes without exponents what was held when it was stored; only whole numbers were stored that are not. */
function isHeldAsStored(token: string): boolean {
  const number = Number(token);
  if (!Number.isInteger(number) || Number.isSafeInteger(number)) return true;
  return Math.abs(number) >= LEAST_WITH_EXPONENT && isSame(token);
}

/** Whether the number that JavaScript makes of a token is the same one, or prints with these digits. */
function isSame(token: string): boolean {
  const number = Number(token);
  if (!Number.isFinite(number)) return false;
  const written = decimal(token);
  if (written.digits === '') return true;
  if (isEqual(written, decimal(String(number)))) return true;
  // `0.1000000000000000055` is what other languages print of the number that is written `0.1` here.
  const isFraction = written.exponent < 0 && written.digits.length > 15;
  return (
    isFraction &&
    written.digits.length <= 100 &&
    isEqual(written, decimal(number.toExponential(written.digits.length - 1)))
  );
}

interface Decimal {
  /** Without zeros at either end. */
  digits: string;
  /** Of the last digit. */
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

/** A token that is a whole number, with all its digits; null where it is none, or has too many. */
function wholeOf(token: string): bigint | null {
  const { digits, exponent } = decimal(token);
  if (exponent < 0 || digits.length + exponent > MAX_DIGITS) return null;
  const size = BigInt(digits + '0'.repeat(exponent));
  return token.startsWith('-') ? -size : size;
}

/** The value with other ones at the places of numbers that are not held. */
function replaceLong(
  text: string,
  parsed: unknown,
  holds: IsHeld,
  by: (number: LongNumber) => unknown,
  most = BOUNDS,
): ReadJson {
  const long = longNumbers(text, holds, most);
  // Of fields with one name the last one counts.
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

/** False where something else stands there: of fields with one name the last one counts. */
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

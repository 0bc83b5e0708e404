import { changedWithin, hasBigInt } from '../../shared/exact-json.js';
import type { Notes } from './note-list.js';

// An operation is kept, and shown in browsers, with numbers as JavaScript has them. Of files, whole numbers beyond 2^53 come as BigInt.

/** Bounds of a schema: the nearest number is nearly the same there, while a value of a body would be another one. */
const WITHIN_SCHEMA = /^\/(?:bodySchema|answerSchema|parameters\/\d+\/schema)\//;

/** An operation of a file with numbers that can be kept; what becomes another one, or a text, is noted with its place. */
export function withKeptNumbers(given: unknown, place: string, notes: Notes): unknown {
  if (!hasBigInt(given)) return given;
  return changedWithin(given, (one, pointer) => {
    if (typeof one !== 'bigint') return null;
    const near = Number(one);
    const at = `${place}${pointer}`;
    if (!pointer.startsWith('/bodyExample') && isAsWritten(one)) return { to: near };
    if (WITHIN_SCHEMA.test(pointer) && Number.isFinite(near)) {
      notes.add(at, 'number-rounded', { value: String(one), near: String(near) });
      return { to: near };
    }
    return asText(one, at, notes);
  });
}

/** A body of a file, with whole numbers beyond 2^53 as texts of their digits, each of which is noted. */
export function withTexts(body: unknown, place: string, notes: Notes): unknown {
  if (!hasBigInt(body)) return body;
  return changedWithin(body, (one, pointer) =>
    typeof one === 'bigint' ? asText(one, `${place}${pointer}`, notes) : null,
  );
}

function asText(whole: bigint, place: string, notes: Notes): { to: string } {
  notes.add(place, 'number-text', { value: String(whole) });
  return { to: String(whole) };
}

/** Whether JavaScript writes the nearest number with these digits: so do our own exports. */
export function isAsWritten(whole: bigint): boolean {
  const near = Number(whole);
  return Number.isFinite(near) && (String(near) === String(whole) || BigInt(near) === whole);
}

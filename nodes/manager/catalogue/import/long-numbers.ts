import { changedWithin, hasBigInt } from '../../shared/exact-json.js';
import type { Notes } from './note-list.js';

// Operations are stored, and shown in browsers, with JavaScript numbers. Files are read with whole numbers beyond 2^53 as BigInt,
// so these have to be replaced here.

/** Places within schemas. For a bound, the nearest number is good enough; for a value of a body, it would be a wrong value. */
const WITHIN_SCHEMA = /^\/(?:bodySchema|answerSchema|parameters\/\d+\/schema)\//;

/**
 * Returns an operation of a file with numbers that can be stored. A number that becomes another one, or a text, is noted with its
 * place; `place` is that of the operation in the file.
 */
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

/** Returns a body with whole numbers beyond 2^53 as texts of their digits. Each of them is noted with its place. */
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

/** Whether a JavaScript number keeps the digits, or is written with the same ones, as in our own exports. */
export function isAsWritten(whole: bigint): boolean {
  const near = Number(whole);
  return Number.isFinite(near) && (String(near) === String(whole) || BigInt(near) === whole);
}

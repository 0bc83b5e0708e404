import { exactJson } from '../../shared/exact-json.js';
import { whyTooLarge } from '../../shared/json-bounds.js';

export interface JsonBounds {
  bytes: number;
  depth: number;
}

/**
 * Why a JSON value from outside cannot be stored: it is too large or too deep, or has content that JSON or PostgreSQL cannot
 * hold. The text continues a sentence that begins with the name of the value. Null: it can be stored.
 */
export function whyNotStorable(value: unknown, { bytes, depth }: JsonBounds): string | null {
  const tooLarge = whyTooLarge(value, { depth: Number.POSITIVE_INFINITY, values: bytes, characters: bytes });
  if (tooLarge !== null) return `has more bytes of JSON than can be kept: ${bytes} are the most`;
  const fault = faultWithin(value, depth);
  if (fault !== null) return fault;
  const size = Buffer.byteLength(exactJson(value) ?? '');
  return size > bytes ? `has ${size} bytes of JSON, and ${bytes} are the most` : null;
}

function faultWithin(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return faultOfText(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return 'has a number that JSON cannot hold';
  if (typeof value !== 'object' || value === null) return null;
  if (depth === 0) return 'is nested too deep';
  for (const [name, element] of Object.entries(value)) {
    // Much code that copies an object would set its prototype by this name.
    if (name === '__proto__') return 'has a field "__proto__"';
    const fault = faultOfText(name) ?? faultWithin(element, depth - 1);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfText(text: string): string | null {
  if (text.includes('\u0000')) return 'has a NUL character';
  return text.isWellFormed() ? null : 'has half a Unicode character';
}

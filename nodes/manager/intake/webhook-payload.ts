import type { PayloadReading } from '../broker/options.js';
import { parseJson } from '../shared/json-bounds.js';

// What JSON text begins with, in base64: a brace, a bracket, or white space in front of one.
const LIKE_ENCODED_JSON = /^[eWICD][A-Za-z0-9+/]+={0,2}$/;

/**
 * The bytes of a payload. `marked` is the body's own `payload_encoding`, which wins; EMQX 4 sends none, so `reading`
 * says how it was set up: `auto` takes for base64 only what decodes to a JSON object or list. Null for what should
 * be base64 and is not.
 */
export function readPayload(text: string, marked: string | null, reading: PayloadReading): Buffer | null {
  const encoding = marked ?? reading;
  if (encoding === 'base64') return decoded(text);
  if (encoding === 'auto' && LIKE_ENCODED_JSON.test(text)) {
    const bytes = decoded(text);
    if (bytes !== null && isJson(bytes)) return bytes;
  }
  return Buffer.from(text, 'utf8');
}

/** Node decodes anything; text that comes out the same when encoded again was base64. */
function decoded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

function isJson(bytes: Buffer): boolean {
  try {
    const value: unknown = parseJson(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

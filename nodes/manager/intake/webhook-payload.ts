import type { PayloadReading } from '../broker/options.js';
import { parseJson } from '../shared/json-bounds.js';

// Base64 of a text that begins with a brace, a bracket or white space, as JSON objects and lists do.
const LIKE_ENCODED_JSON = /^[eWICD][A-Za-z0-9+/]+={0,2}$/;

/**
 * Decodes the payload of a webhook to its bytes; null if it should be base64, but is not. `marked` is the `payload_encoding` of
 * the body and takes precedence. EMQX 4 sends none, so `reading` says how EMQX was set up: with `auto`, only text that decodes
 * to a JSON object or list counts as base64.
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

/** Node.js decodes any text without an error. The text was base64 only if encoding the bytes again gives the same text. */
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

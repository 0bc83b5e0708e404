import { type JsonBounds, MAX_DEPTH } from '../../manager/shared/json-bounds.js';

/** Largest message of a browser, bytes. */
export const LARGEST_MESSAGE = 512 * 1024;

/**
 * What a message of a browser may hold. No page needs more. Of so many bytes, JSON.parse takes up to 50 ms for very many lists or objects,
 * which is why a message is held against these bounds before it is parsed.
 */
export const MESSAGE_BOUNDS: JsonBounds = { depth: MAX_DEPTH, values: 50_000, characters: LARGEST_MESSAGE };

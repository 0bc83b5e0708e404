// What both sides know about what may be sent.

/** Of a text that comes in parts, characters. */
export const LARGEST_UPLOAD = 5_000_000;
/** Characters of a part: six bytes each at most, so that a part is a message that is taken. */
export const LARGEST_PART = 64 * 1024;

// What both sides know about what may be sent.

/** Of a file that somebody sends, bytes. */
export const LARGEST_FILE = 5_000_000;
/** Of a text that comes in parts, characters: such a file in Base64. */
export const LARGEST_UPLOAD = 4 * Math.ceil(LARGEST_FILE / 3);
/** Characters of a part: six bytes each at most, so that a part is a message that is taken. */
export const LARGEST_PART = 64 * 1024;

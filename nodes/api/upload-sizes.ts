/** Of a file that somebody sends, bytes. */
export const LARGEST_FILE = 5_000_000;
/** Of a text that comes in parts, characters: such a file in Base64. */
export const LARGEST_UPLOAD = 4 * Math.ceil(LARGEST_FILE / 3);

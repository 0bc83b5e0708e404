/** Largest size of a file that a caller sends, bytes. */
export const LARGEST_FILE = 5_000_000;
/** Largest length of a text that comes in parts, characters. It holds the largest file in Base64. */
export const LARGEST_UPLOAD = 4 * Math.ceil(LARGEST_FILE / 3);

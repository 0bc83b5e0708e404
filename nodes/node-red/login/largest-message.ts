/**
 * Of one message of a browser, bytes. It is read at once, before anything of ours is asked: the JSON that takes longest, many
 * objects with a field of another name each, takes up to 40 ms in this size.
 */
export const LARGEST_MESSAGE = 512 * 1024;

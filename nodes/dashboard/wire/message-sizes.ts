/**
 * Most characters in one part of a text. A character takes at most six bytes, so that each part fits into the largest message that the
 * server accepts.
 */
export const LARGEST_PART = 64 * 1024;

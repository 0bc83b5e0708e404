/**
 * Largest message of a browser, bytes. It is parsed at once, before our guard sees it. The slowest JSON, many objects with a field of a
 * different name each, takes up to 40 ms at this size.
 */
export const LARGEST_MESSAGE = 512 * 1024;

/** Characters of a part: six bytes each at most, so that a part is a message that is taken. */
export const LARGEST_PART = 64 * 1024;

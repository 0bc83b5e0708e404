/** One level of a JSON Pointer, as RFC 6901 escapes it. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The levels of a JSON Pointer; none of "". */
export function levelsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((level) => level.replaceAll('~1', '/').replaceAll('~0', '~'));
}

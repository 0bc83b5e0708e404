/** One level of a JSON Pointer, as RFC 6901 escapes it. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

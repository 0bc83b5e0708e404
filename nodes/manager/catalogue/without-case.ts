/** Printable ASCII without capitals: most names and paths. */
const PLAIN = /^[ -@[-~]*$/;

/** A name of a field or a path as whoever ignores case and the width of letters reads it. */
export function withoutCase(text: string): string {
  return PLAIN.test(text) ? text : text.normalize('NFKC').toLowerCase();
}

/** Printable ASCII without capitals. Most names and paths are so, and need no work. */
const PLAIN = /^[ -@[-~]*$/;

/** Folds the case and the width of letters, so that spellings that a gateway may treat as equal become equal. */
export function withoutCase(text: string): string {
  return PLAIN.test(text) ? text : text.normalize('NFKC').toLowerCase();
}

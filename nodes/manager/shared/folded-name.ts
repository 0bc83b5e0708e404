const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
/** Folding settles within two rounds; the bound is for letters of a later Unicode. */
const MAX_ROUNDS = 5;

/**
 * The key of a name: names that people take for one, since they differ only in case, in the width of their letters or in signs that
 * nobody sees, have one key. It is computed here and stored, since the `lower` of PostgreSQL depends on the locale of the database.
 */
export function foldedName(name: string): string {
  let key = name;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = folded(key);
    if (next === key) break;
    key = next;
  }
  return key;
}

/** Up and down again, which makes one of `ß` and `SS`; letter by letter, since a sigma at the end of a word would go down to another. */
function folded(text: string): string {
  const upper = text.normalize('NFKC').replaceAll(IGNORED, '').toUpperCase();
  const lower = Array.from(upper, (letter) => letter.toLowerCase()).join('');
  return lower.normalize('NFKC');
}

const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
/** Folding is stable after two rounds. The bound is for later versions of Unicode. */
const MAX_ROUNDS = 5;

/**
 * The key of a name. Names that look the same to people, because they differ only in case, in the width of their letters or in invisible
 * characters, have the same key. It is computed here and stored, because `lower` of PostgreSQL depends on the locale of the database.
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

/**
 * Converts to upper case and then to lower case, which makes `ß` and `SS` equal. It converts letter by letter, because a sigma at the end
 * of a word would become another letter.
 */
function folded(text: string): string {
  const upper = text.normalize('NFKC').replaceAll(IGNORED, '').toUpperCase();
  const lower = Array.from(upper, (letter) => letter.toLowerCase()).join('');
  return lower.normalize('NFKC');
}

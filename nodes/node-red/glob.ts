/** Makes the test of a pattern in which `*` stands for any text and `?` for one character; blank fits everything. */
export function globMatcher(pattern: string | undefined): (text: string | null) => boolean {
  const trimmed = pattern?.trim() ?? '';
  if (trimmed === '' || trimmed === '*') return () => true;
  const source = trimmed
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    // Runs of `*` say what one says, and cost a backtracking matcher dearly.
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'su');
  return (text) => text !== null && expression.test(text);
}

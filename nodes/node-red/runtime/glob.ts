/** Creates the test for a pattern. `*` stands for any text and `?` for one character. A blank pattern fits everything, also null. */
export function globMatcher(pattern: string | undefined): (text: string | null) => boolean {
  const wanted = [...(pattern?.trim() || '*')];
  if (wanted.every((character) => character === '*')) return () => true;
  return (text) => text !== null && fits([...text], wanted);
}

/**
 * Compares text and pattern, and goes back only to the last `*`. The time for a regular expression would grow exponentially with the
 * number of `*`.
 */
function fits(text: readonly string[], pattern: readonly string[]): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let swallowed = 0;
  while (at < text.length) {
    if (pattern[place] === '*') {
      star = place;
      swallowed = at;
      place += 1;
    } else if (pattern[place] === '?' || pattern[place] === text[at]) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      swallowed += 1;
      at = swallowed;
      place = star + 1;
    } else return false;
  }
  return pattern.slice(place).every((character) => character === '*');
}

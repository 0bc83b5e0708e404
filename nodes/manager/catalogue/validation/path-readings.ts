/** No honest path is percent-encoded this often. */
const MAX_DECODINGS = 8;

/** A path that all servers read in the same way, except for upper and lower case. Most paths are so, and need no further work. */
const PLAIN = /^(?:\/[A-Za-z0-9_-]+)+$/;

/**
 * All ways in which some server or proxy could read a path: decoded once or more often; cut off, or not, at what looks like a
 * query or a parameter; with `..` followed or dropped. Each reading is a list of lower-case levels without `/api/v1`. Null for a
 * path that is encoded over and over, since that can only hide something.
 */
export function pathReadings(path: string): string[][] | null {
  const place = path.split('?')[0] ?? '';
  if (PLAIN.test(place)) return [withoutPrefix(place.slice(1).toLowerCase().split('/'))];
  const stages = decodings(place);
  if (stages === null) return null;
  const plain = stages.flatMap((text) => [text, text.normalize('NFKC')]);
  const texts = plain.flatMap((text) => [text, before(text, /[?#]/), before(text, /;/)]);
  return [...new Set(texts)].flatMap((text) => {
    const levels = text.split(/[/\\]/).map(plainLevel);
    return [withoutPrefix(followed(levels)), withoutPrefix(levels.filter((level) => !isDots(level)))];
  });
}

/** The path as it is, decoded once, twice, and so on until nothing is left to decode; null if that takes too many times. */
function decodings(path: string): string[] | null {
  const stages = [path];
  for (let text = decodeOnce(path); text !== stages.at(-1); text = decodeOnce(text)) {
    if (stages.length > MAX_DECODINGS) return null;
    stages.push(text);
  }
  return stages;
}

function decodeOnce(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (codes) => {
    const bytes = Buffer.from(codes.replaceAll('%', ''), 'hex');
    const read = bytes.toString('utf8');
    return read.includes('\ufffd') ? bytes.toString('latin1') : read;
  });
}

function before(text: string, mark: RegExp): string {
  return text.split(mark)[0] ?? '';
}

function plainLevel(level: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: some servers drop them, or stop reading there
  return before(level, /[;\u0000-\u001f\u007f-\u009f]/)
    .normalize('NFKC')
    .trim()
    .toLowerCase();
}

function isDots(level: string): boolean {
  return level === '' || level === '.' || level === '..';
}

function followed(levels: readonly string[]): string[] {
  const at: string[] = [];
  for (const level of levels) {
    if (level === '..') at.pop();
    else if (!isDots(level)) at.push(level);
  }
  return at;
}

/** Drops `/api/v1`, and any other version too, since future firmware may serve the same paths below another one. */
function withoutPrefix(levels: string[]): string[] {
  return levels[0] === 'api' && /^v\d{1,3}$/.test(levels[1] ?? '') ? withoutPrefix(levels.slice(2)) : levels;
}

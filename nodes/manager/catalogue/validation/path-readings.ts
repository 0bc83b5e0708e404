/** No honest path is encoded so often. */
const MAX_DECODINGS = 8;

/** Read alike by everybody: nothing in it is encoded, cut, followed or folded but its case. */
const PLAIN = /^(?:\/[A-Za-z0-9_-]+)+$/;

/**
 * The ways in which some server or proxy could understand a path: decoded once or more often, cut at what looks like a
 * query or a parameter or not, `..` followed or dropped; each as lower-case levels without `/api/v1`. A path that is
 * encoded over and over has none (null): it can only be meant to hide something.
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

/** The path as it is, decoded once, twice, and so on until nothing is left to decode. */
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

/** Of whichever version: firmware to come may serve the same below another one. */
function withoutPrefix(levels: string[]): string[] {
  return levels[0] === 'api' && /^v\d{1,3}$/.test(levels[1] ?? '') ? withoutPrefix(levels.slice(2)) : levels;
}

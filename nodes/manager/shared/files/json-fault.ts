import { endOfText } from '../json-bounds.js';
import { yieldToEventLoop } from '../yield-to-event-loop.js';
import { lineOf } from './line-of.js';

const AT_ONCE = 20_000;
const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANKS = /[ \t\r\n]*/y;

/** What may come next in a JSON text. */
type Wanted = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing';

/**
 * Where and why a text is no JSON, for a person (`line 3, column 14: ...`); null if no fault is found. Says nothing of the text's content,
 * which may have passwords. Yields to the event loop in between.
 */
export async function jsonFaultIn(text: string): Promise<string | null> {
  const open: ('[' | '{')[] = [];
  let wanted: Wanted = 'value';
  let place = skip(text, 0);
  for (let count = 1; place < text.length; count += 1) {
    if (count % AT_ONCE === 0) await yieldToEventLoop();
    const step = next(text, place, wanted, open);
    if (typeof step === 'string') return `${await placeOf(text, place)}: ${step}`;
    wanted = step.wanted;
    place = skip(text, step.end);
  }
  if (wanted === 'nothing') return null;
  return `${await placeOf(text, text.length)}: it ends too early${open.length > 0 ? `, "${open.at(-1)}" is not closed` : ''}`;
}

interface Step {
  end: number;
  wanted: Wanted;
}

function next(text: string, place: number, wanted: Wanted, open: ('[' | '{')[]): Step | string {
  const sign = text[place]!;
  const after: Wanted = open.length === 0 ? 'nothing' : 'comma or end';
  if (sign === "'" || sign === '\u2018' || sign === '\u2019')
    return 'texts stand in double quotes, not in single ones';
  if (sign === '\u201c' || sign === '\u201d' || sign === '\u201e')
    return 'a typographic quote stands where a plain " has to';
  if (sign === '/' || sign === '#') return 'JSON has no comments';
  if (sign === ']' || sign === '}') return closed(place, sign, wanted, open);
  if (wanted === 'nothing') return 'something stands behind the end';
  if (wanted === 'comma or end') {
    if (sign !== ',') return 'a comma is missing';
    return { end: place + 1, wanted: open.at(-1) === '[' ? 'value' : 'name' };
  }
  if (wanted === 'colon') return sign === ':' ? { end: place + 1, wanted: 'value' } : 'a colon is missing';
  if (sign === '"') return textAt(text, place, wanted.startsWith('name') ? 'colon' : after);
  if (wanted.startsWith('name')) return 'a name in double quotes has to stand here';
  if (sign === '[' || sign === '{') {
    open.push(sign);
    return { end: place + 1, wanted: sign === '[' ? 'value or end' : 'name or end' };
  }
  LITERAL.lastIndex = place;
  const literal = LITERAL.exec(text)?.[0];
  if (literal === undefined || /[\w.]/.test(text[place + literal.length] ?? ' '))
    return sign === ','
      ? 'nothing stands before this comma'
      : 'there is no value: texts stand in double quotes';
  return { end: place + literal.length, wanted: after };
}

function closed(place: number, sign: ']' | '}', wanted: Wanted, open: ('[' | '{')[]): Step | string {
  if (open.at(-1) !== (sign === ']' ? '[' : '{')) return `"${sign}" closes what is not open`;
  if (wanted === 'value' || wanted === 'name') return `a comma stands before "${sign}"`;
  if (wanted === 'colon') return 'a colon is missing';
  open.pop();
  return { end: place + 1, wanted: open.length === 0 ? 'nothing' : 'comma or end' };
}

function textAt(text: string, place: number, wanted: Wanted): Step | string {
  const end = endOfText(text, place);
  if (end === -1) return 'a text is not closed that begins here';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
  if (/[\u0000-\u001f]/.test(text.slice(place, end)))
    return 'a text that begins here has a line break or another control character';
  if (/\\(?!["\\/bfnrt]|u[\dA-Fa-f]{4})/.test(text.slice(place, end + 1).replaceAll('\\\\', '')))
    return 'a text that begins here has a backslash that stands for nothing: write two';
  return { end: end + 1, wanted };
}

function skip(text: string, place: number): number {
  BLANKS.lastIndex = place;
  return place + BLANKS.exec(text)![0].length;
}

async function placeOf(text: string, place: number): Promise<string> {
  const { line, column } = await lineOf(text, place);
  return `line ${line}, column ${column}`;
}

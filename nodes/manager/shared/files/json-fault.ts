import { endOfText } from '../json-bounds.js';
import { jsonReason } from '../json-reasons.js';
import type { Reason } from '../reason.js';
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
export async function jsonFaultIn(text: string): Promise<Reason | null> {
  const open: ('[' | '{')[] = [];
  let wanted: Wanted = 'value';
  let place = skip(text, 0);
  for (let count = 1; place < text.length; count += 1) {
    if (count % AT_ONCE === 0) await yieldToEventLoop();
    const step = next(text, place, wanted, open);
    if (!('end' in step)) return await faultAt(text, place, step);
    wanted = step.wanted;
    place = skip(text, step.end);
  }
  if (wanted === 'nothing') return null;
  const sign = open.at(-1);
  const fault = sign === undefined ? jsonReason('json-ends-early') : jsonReason('json-not-closed', { sign });
  return await faultAt(text, text.length, fault);
}

interface Step {
  end: number;
  wanted: Wanted;
}

function next(text: string, place: number, wanted: Wanted, open: ('[' | '{')[]): Step | Reason {
  const sign = text[place]!;
  const after: Wanted = open.length === 0 ? 'nothing' : 'comma or end';
  if (sign === "'" || sign === '\u2018' || sign === '\u2019') return jsonReason('json-single-quotes');
  if (sign === '\u201c' || sign === '\u201d' || sign === '\u201e')
    return jsonReason('json-typographic-quote');
  if (sign === '/' || sign === '#') return jsonReason('json-comment');
  if (sign === ']' || sign === '}') return closed(place, sign, wanted, open);
  if (wanted === 'nothing') return jsonReason('json-behind-end');
  if (wanted === 'comma or end') {
    if (sign !== ',') return jsonReason('json-comma-missing');
    return { end: place + 1, wanted: open.at(-1) === '[' ? 'value' : 'name' };
  }
  if (wanted === 'colon')
    return sign === ':' ? { end: place + 1, wanted: 'value' } : jsonReason('json-colon-missing');
  if (sign === '"') return textAt(text, place, wanted.startsWith('name') ? 'colon' : after);
  if (wanted.startsWith('name')) return jsonReason('json-name-missing');
  if (sign === '[' || sign === '{') {
    open.push(sign);
    return { end: place + 1, wanted: sign === '[' ? 'value or end' : 'name or end' };
  }
  LITERAL.lastIndex = place;
  const literal = LITERAL.exec(text)?.[0];
  if (literal === undefined || /[\w.]/.test(text[place + literal.length] ?? ' '))
    return sign === ',' ? jsonReason('json-nothing-before-comma') : jsonReason('json-value-missing');
  return { end: place + literal.length, wanted: after };
}

function closed(place: number, sign: ']' | '}', wanted: Wanted, open: ('[' | '{')[]): Step | Reason {
  if (open.at(-1) !== (sign === ']' ? '[' : '{')) return jsonReason('json-closes-nothing', { sign });
  if (wanted === 'value' || wanted === 'name') return jsonReason('json-comma-before-end', { sign });
  if (wanted === 'colon') return jsonReason('json-colon-missing');
  open.pop();
  return { end: place + 1, wanted: open.length === 0 ? 'nothing' : 'comma or end' };
}

function textAt(text: string, place: number, wanted: Wanted): Step | Reason {
  const end = endOfText(text, place);
  if (end === -1) return jsonReason('json-text-not-closed');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
  if (/[\u0000-\u001f]/.test(text.slice(place, end))) return jsonReason('json-text-control-character');
  if (/\\(?!["\\/bfnrt]|u[\dA-Fa-f]{4})/.test(text.slice(place, end + 1).replaceAll('\\\\', '')))
    return jsonReason('json-text-backslash');
  return { end: end + 1, wanted };
}

function skip(text: string, place: number): number {
  BLANKS.lastIndex = place;
  return place + BLANKS.exec(text)![0].length;
}

async function faultAt(text: string, place: number, fault: Reason): Promise<Reason> {
  const { line, column } = await lineOf(text, place);
  return jsonReason('json-at', { line, column, fault });
}

import { exactJson } from './exact-json.js';
import { yieldToEventLoop } from './yield-to-event-loop.js';

/** What lies deeper is written at once: an operation in a file of them, a method in an OpenAPI document. */
const LEVELS = 3;
/** Characters that are handed on together. */
const PART = 64 * 1024;

/**
 * As exactJson, for plain data that may be large: part by part, and everything else has its turn meanwhile. Data that is
 * none in JSON is nothing, and no part at all.
 */
export async function* jsonParts(value: unknown): AsyncGenerator<string> {
  let part = '';
  for (const text of textsOf(value, 0)) {
    part += text;
    if (part.length >= PART) {
      yield part;
      part = '';
    }
    await yieldToEventLoop();
  }
  if (part !== '') yield part;
}

function* textsOf(value: unknown, level: number): Generator<string> {
  if (level === LEVELS || !isPlain(value)) {
    const text: string | undefined = exactJson(value);
    if (text !== undefined) yield text;
    return;
  }
  const isList = Array.isArray(value);
  yield isList ? '[' : '{';
  let isFirst = true;
  // No list of its own: it may be large.
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    const inner = (value as Record<string, unknown>)[name];
    if (!isJson(inner) && !isList) continue;
    if (!isFirst) yield ',';
    isFirst = false;
    if (!isList) yield `${JSON.stringify(name)}:`;
    if (isJson(inner)) yield* textsOf(inner, level + 1);
    else yield 'null';
  }
  yield isList ? ']' : '}';
}

function isJson(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

/** What writes itself, as a date does, is written at once. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  return Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';
}

import { exactJson } from './exact-json.js';
import { yieldToEventLoop } from './yield-to-event-loop.js';

/**
 * Levels that are written value by value. Deeper values are written at once: an operation in a file of them, a method in an OpenAPI
 * document.
 */
const LEVELS = 3;
/** Characters after which a part is handed on. */
const PART = 64 * 1024;

/**
 * As exactJson, for plain data that may be large: part by part, with the event loop running in between. Gives no part for a value that JSON
 * does not have.
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
  // A list of all names is not made, because it may be large.
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

/** Whether a value can be written field by field. One that writes itself, as a date does, cannot. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  return Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';
}

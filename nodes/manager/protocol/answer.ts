import { isUtf8 } from 'node:buffer';
import { type ReadJson, readJson } from '../shared/exact-json.js';
import type { Fault } from '../shared/fault.js';
import { endOfText, jsonFault } from '../shared/json-bounds.js';
import { requestIdsIn, requestIdsOf } from './answer-ids.js';

/** The largest answer that is read, bytes. EMQX has the same limit for a packet by default. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** A gateway's answer in one shape, whatever shape it was sent in. */
export interface Answer {
  /** HTTP status of the gateway's API. */
  status: number;
  /** Parsed if it was sent as a text of JSON. Secrets are redacted before it is stored. */
  payload: unknown;
}

export type ParsedAnswer = ReadableAnswer | UnreadableAnswer;

export interface ReadableAnswer {
  ok: true;
  requestId: string;
  answer: Answer;
  /** JSON Pointers within the payload to numbers that are given as texts, since no JavaScript number holds them. */
  asText?: string[];
  /** Oddities of an answer that could be read all the same. */
  faults?: Fault[];
}

export interface UnreadableAnswer {
  ok: false;
  /** Why it cannot be read, as a sentence. */
  fault: string;
  /** The request ids that it names all the same; several if it contradicts itself. */
  requestIds: string[];
}

/** The fields that an answer must have only once, since otherwise it is unclear which one counts. */
const SAID_ONCE = ['request-id', 'state', 'status', 'payload'] as const;
const MAX_TEXT_LENGTH = 300;
const MAX_ID_LENGTH = 64;
const MAX_FAULTS = 20;

/**
 * Reads what a gateway published on its answer topic, in every shape that was seen so far: request id as text or number, `state` or
 * `status`, payload as a text of JSON, object or null, keys in any order. Never throws.
 */
export function parseAnswer(bytes: Buffer): ParsedAnswer {
  if (bytes.length > MAX_ANSWER_BYTES)
    return unreadable(`is ${bytes.length} bytes long, over ${MAX_ANSWER_BYTES}`, requestIdsOf(bytes));
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const read = attempt(text);
  if (typeof read === 'string') return unreadable(read, requestIdsOf(bytes));
  const body = read.value;
  if (!isRecord(body)) return unreadable('is JSON, but no object', requestIdsOf(bytes));
  const ids = requestIdsIn(body);
  const requestId = ids[0] ?? foreignId(body['request-id']);
  if (requestId === undefined) return unreadable(whyNoId(body), requestIdsOf(bytes));
  if (ids.length > 1) return unreadable(`names several request ids (${ids.slice(0, 5).join(', ')})`, ids);
  const twice = saidTwice(text);
  if (twice !== null) return unreadable(`says "${twice}" twice`, requestIdsOf(bytes));
  const status = toStatus(body.state) ?? toStatus(body.status);
  if (status === null) return unreadable(whyNoStatus(body), ids);
  const payload = toPayload(body.payload, read.asText);
  const faults = [...oddities(bytes, body, status), ...payload.asText.slice(0, MAX_FAULTS).map(longNumber)];
  return {
    ok: true,
    requestId,
    answer: { status, payload: payload.value },
    ...(payload.asText.length > 0 && { asText: payload.asText }),
    ...(faults.length > 0 && { faults }),
  };
}

/** Whether a status of a gateway's API is a success. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Returns the gateway's own words for what went wrong, at most 500 characters; null if there are none. */
export function errorText(payload: unknown): string | null {
  if (typeof payload === 'string') return payload.slice(0, 500) || null;
  if (!isRecord(payload)) return null;
  const error = isRecord(payload.error) ? payload.error : payload;
  if (typeof error.message === 'string') return error.message.slice(0, 500);
  return typeof payload.error === 'string' ? payload.error.slice(0, 500) : null;
}

function unreadable(what: string, requestIds: string[]): UnreadableAnswer {
  return { ok: false, fault: `The answer ${what}.`, requestIds };
}

/** Reads JSON; returns a text with the reason if it cannot be read. */
function attempt(text: string): ReadJson | string {
  try {
    return readJson(text);
  } catch (error) {
    return `is not JSON that can be read: ${jsonFault(error)}`;
  }
}

/** Returns an id that no manager gave, as it is; undefined if it is none. */
function foreignId(id: unknown): string | undefined {
  const text = typeof id === 'string' || typeof id === 'number' ? String(id).trim() : '';
  return text === '' || text.length > MAX_ID_LENGTH ? undefined : text;
}

function whyNoId(body: Record<string, unknown>): string {
  const id = body['request-id'];
  if (id === undefined) return 'has no request-id';
  if (typeof id === 'string' && id.length > MAX_ID_LENGTH)
    return `has a request-id of over ${MAX_ID_LENGTH} characters`;
  return `has a request-id that is neither text nor number (${shown(id)})`;
}

function whyNoStatus(body: Record<string, unknown>): string {
  if (typeof body.path === 'string' && body.method !== undefined && body.payload === undefined)
    return 'is the request itself, come back: something sends it on to the answer topic';
  const words = errorText(toPayload(body.payload, []).value);
  const said = ['state', 'status'].filter((name) => body[name] !== undefined);
  const values = said.map((name) => `${name} ${shown(body[name])}`).join(', ');
  const what =
    said.length === 0
      ? 'has neither state nor status with an HTTP status code'
      : `has no HTTP status code, but ${values}`;
  return words === null ? what : `${what}: ${words.slice(0, MAX_TEXT_LENGTH)}`;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

/** Returns a name that occurs twice in the object itself, where JSON.parse would take the last value; null if none does. */
function saidTwice(text: string): string | null {
  const names = SAID_ONCE.filter((name) => {
    const first = text.indexOf(`"${name}"`);
    return first !== -1 && text.includes(`"${name}"`, first + 1);
  });
  if (names.length === 0) return null;
  const seen = new Set<string>();
  let depth = 0;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if ((code | 32) === 123) depth += 1;
    else if ((code | 32) === 125) depth -= 1;
    if (code !== QUOTE) continue;
    const begin = place;
    place = endOfText(text, begin);
    if (place === -1) return null;
    if (depth !== 1 || !/^\s*:/.test(text.slice(place + 1, place + 20))) continue;
    const name = text.slice(begin + 1, place);
    if (seen.has(name) && names.some((one) => one === name)) return name;
    seen.add(name);
  }
  return null;
}

const QUOTE = 34;

/** Reads a payload, which may be JSON in a text. `asText` are the pointers to long numbers in the whole answer. */
function toPayload(payload: unknown, asText: readonly string[]): ReadJson {
  if (typeof payload !== 'string') {
    const inside = asText.filter((pointer) => pointer.startsWith('/payload/'));
    return { value: payload ?? null, asText: inside.map((pointer) => pointer.slice('/payload'.length)) };
  }
  // The payload is a single long number, which has become a text already.
  if (asText.includes('/payload')) return { value: payload, asText: [''] };
  const read = attempt(payload);
  return typeof read === 'string' ? { value: payload, asText: [] } : read;
}

function oddities(bytes: Buffer, { state, status: other }: Record<string, unknown>, status: number): Fault[] {
  const faults: Fault[] = [];
  const contrary = toStatus(other);
  if (toStatus(state) !== null && contrary !== null && contrary !== status) {
    const text = `the answer says both state ${status} and status ${contrary}: state counts (status)`;
    faults.push({ in: 'answer', path: '', rule: 'status', value: contrary, text });
  }
  if (!isUtf8(bytes)) {
    const text = 'the answer has bytes that are no UTF-8: they are shown as \ufffd (encoding)';
    faults.push({ in: 'answer', path: '', rule: 'encoding', text });
  }
  return faults;
}

function longNumber(pointer: string): Fault {
  const path = pointer.slice(0, 200);
  const text = `answer${path} is a number with more digits than a JavaScript number holds: it is given as a text (digits)`;
  return { in: 'answer', path, rule: 'digits', text };
}

function toStatus(value: unknown): number | null {
  const status = typeof value === 'string' && /^\s*\d{3}\s*$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 999
    ? status
    : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

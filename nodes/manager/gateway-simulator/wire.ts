import { exactJson, parseExactJson } from '../shared/exact-json.js';
import type { GatewayFaults } from './faults.js';

/** A request as a gateway reads it. */
export interface GatewayRequest {
  path: string;
  method: string;
  requestId: string;
  requestBody: unknown;
}

/** What a gateway's API answers to a request. */
export interface ApiAnswer {
  status: number;
  payload: unknown;
  /** What happens to the gateway after the answer was sent, such as a reboot. */
  afterwards?: () => void;
}

/** How one gateway writes its answers. It varies, since firmware versions differ. */
export interface AnswerStyle {
  payloadAsText: boolean;
  idAsNumber: boolean;
  statusFields: readonly ('state' | 'status')[];
  order: readonly number[];
  /** The payload of an answer without content. */
  nothing: null | Record<string, never>;
}

export type ReadRequest = { ok: true; request: GatewayRequest } | { ok: false; answer: string };

const EXPIRY = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/;
const STATUS_FIELDS = [['state'], ['state'], ['status'], ['state', 'status']] as const;
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [2, 1, 0],
] as const;

/** Derives a style from the client id: virtual gateways differ, as real ones do, but each always answers in the same style. */
export function styleOf(clientid: string): AnswerStyle {
  const hash = hashOf(clientid);
  return {
    payloadAsText: hash % 2 === 1,
    idAsNumber: (hash >>> 1) % 2 === 1,
    statusFields: STATUS_FIELDS[(hash >>> 2) % STATUS_FIELDS.length]!,
    order: ORDERS[(hash >>> 4) % ORDERS.length]!,
    nothing: (hash >>> 8) % 2 === 1 ? null : {},
  };
}

/**
 * Reads a request as TPE does: headers are a list of objects with one key, and the expiry has one form only, in UTC. `now` is the
 * time by the gateway's own clock, ms since the epoch. If a header is missing, malformed or expired, the result is the text of
 * an answer with request id -1.
 */
export function readRequest(text: string, now: number): ReadRequest {
  const body = jsonIn(text);
  if (body === null) return refused('invalid request');
  const expiry = expiryOf(headerOf(body, 'request-expired-time'));
  if (expiry === null) return refused('request time invalid');
  if (expiry < now) return refused('request time invalid(before now)');
  const requestId = headerOf(body, 'request-id');
  if (typeof requestId !== 'string' || !/^\d+$/.test(requestId)) return refused('request id invalid');
  const { path, method, requestBody } = body;
  // A path that is no text becomes empty, which is answered with 404 as an unknown path.
  const asked = { path: typeof path === 'string' ? path : '', method: String(method).toUpperCase() };
  return { ok: true, request: { ...asked, requestId, requestBody: requestBody ?? {} } };
}

/** Writes an answer as the JSON that the gateway publishes, in its own style and with its faults. */
export function writeAnswer(
  requestId: string,
  answer: ApiAnswer,
  style: AnswerStyle,
  faults: GatewayFaults,
): string {
  const isError = answer.status >= 400;
  const id = faults.wrongRequestId ? String(BigInt(requestId) + 1n) : requestId;
  const content = answer.payload ?? style.nothing;
  const payload = faults.hugeAnswerBytes ? { data: 'x'.repeat(faults.hugeAnswerBytes) } : content;
  // In an error, a gateway of any style writes the id as a number and the payload as an object.
  const parts = [
    { 'request-id': style.idAsNumber || isError ? Number(id) : id },
    Object.fromEntries(style.statusFields.map((field) => [field, answer.status])),
    { payload: style.payloadAsText && !isError && payload !== null ? exactJson(payload) : payload },
  ];
  const text = exactJson(Object.assign({}, ...style.order.map((place) => parts[place])));
  return faults.brokenJson ? text.slice(0, Math.ceil(text.length / 2)) : text;
}

/** An answer in the form that TPE's API has for errors. */
export function apiError(status: number, message: string): ApiAnswer {
  return { status, payload: { error: { code: status, message } } };
}

/** A number from 0 to 2^32 - 1 that is always the same for the same text (based on FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  // The low bits alone differ too little between similar names, such as consecutive client ids.
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** The value of a header; undefined unless the headers are a list with an object that has this name as its only key. */
function headerOf({ headers }: Record<string, unknown>, name: string): unknown {
  if (!Array.isArray(headers)) return undefined;
  const header: unknown = headers.find(
    (one: unknown) => typeof one === 'object' && one !== null && Object.keys(one).join() === name,
  );
  return (header as Record<string, unknown> | undefined)?.[name];
}

/** ms since the epoch; null where the text is no such time. */
function expiryOf(text: unknown): number | null {
  const match = typeof text === 'string' ? EXPIRY.exec(text) : null;
  if (match === null) return null;
  const iso = `${text}Z`.replace(' ', 'T');
  const at = Date.parse(iso);
  // Date.parse turns February 30 into a day in March without an error.
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(iso.slice(0, -1)) ? null : at;
}

function refused(message: string): ReadRequest {
  return {
    ok: false,
    answer: JSON.stringify({ 'request-id': -1, state: 400, payload: { code: 400, message } }),
  };
}

function jsonIn(text: string): Record<string, unknown> | null {
  try {
    const body = parseExactJson(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

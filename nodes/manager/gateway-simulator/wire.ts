import type { GatewayFaults } from './faults.js';

/** A request as a gateway reads it. */
export interface GatewayRequest {
  path: string;
  method: string;
  requestId: string;
  requestBody: unknown;
}

/** What a gateway's API says to a request. */
export interface ApiAnswer {
  status: number;
  payload: unknown;
}

/** How one gateway writes its answers: firmware versions differ. */
export interface AnswerStyle {
  payloadAsText: boolean;
  idAsNumber: boolean;
  statusField: 'state' | 'status';
}

export type ReadRequest = { ok: true; request: GatewayRequest } | { ok: false; answer: string };

const EXPIRY = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/;

/** Gateways differ, but each keeps to its own style. */
export function styleOf(number: number): AnswerStyle {
  return {
    payloadAsText: number % 2 === 1,
    idAsNumber: number % 3 === 0,
    statusField: number % 5 === 4 ? 'status' : 'state',
  };
}

/**
 * Reads a request as TPE does: headers are a list of one-key objects, the expiry is UTC in one form only. A header that is
 * missing, malformed or expired (by the gateway's own clock) is answered with request id -1.
 */
export function readRequest(text: string, now: number): ReadRequest {
  const body = parseJson(text);
  const headers = Array.isArray(body?.headers) ? (body.headers as Record<string, unknown>[]) : [];
  const header = (name: string) => headers.map((one) => one?.[name]).find((value) => value !== undefined);
  const requestId = header('request-id');
  if (typeof body?.path !== 'string' || typeof body.method !== 'string') return refused('invalid request');
  if (typeof requestId !== 'string' || !/^\d+$/.test(requestId)) return refused('request id invalid');
  const expiry = EXPIRY.exec(String(header('request-expired-time') ?? ''));
  if (expiry === null) return refused('request time invalid');
  const [year, month, day, hour, minute, second] = expiry.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (Date.UTC(year, month - 1, day, hour, minute, second) < now)
    return refused('request time invalid(before now)');
  return {
    ok: true,
    request: {
      path: body.path,
      method: body.method.toUpperCase(),
      requestId,
      requestBody: body.requestBody ?? {},
    },
  };
}

/** An answer in the gateway's own style, with its faults. */
export function writeAnswer(
  requestId: string,
  answer: ApiAnswer,
  style: AnswerStyle,
  faults: GatewayFaults,
): string {
  const isError = answer.status >= 400;
  const id = faults.wrongRequestId ? String(BigInt(requestId) + 1n) : requestId;
  const payload = faults.hugeAnswerBytes ? { data: 'x'.repeat(faults.hugeAnswerBytes) } : answer.payload;
  // Errors come as an object with a number for the id, whatever the style of the rest.
  const text = JSON.stringify({
    'request-id': style.idAsNumber || isError ? Number(id) : id,
    [style.statusField]: answer.status,
    payload: style.payloadAsText && !isError && payload !== null ? JSON.stringify(payload) : payload,
  });
  return faults.brokenJson ? text.slice(0, Math.ceil(text.length / 2)) : text;
}

/** TPE's way to say that something is wrong. */
export function apiError(status: number, message: string): ApiAnswer {
  return { status, payload: { error: { code: status, message } } };
}

function refused(message: string): ReadRequest {
  return {
    ok: false,
    answer: JSON.stringify({ 'request-id': -1, state: 400, payload: { code: 400, message } }),
  };
}

function parseJson(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

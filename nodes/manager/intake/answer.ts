import type { Answer } from '../commands/command.js';
import { parseJson } from '../json-bounds.js';

/** The largest answer that is read, bytes; EMQX's own limit of a packet. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

export type ParsedAnswer = { ok: true; requestId: string; answer: Answer } | { ok: false; fault: string };

/**
 * Reads what a gateway published on its answer topic. Every shape that was seen is understood: request id as
 * text or number, `state` or `status`, payload as JSON text, object or null, keys in any order.
 */
export function parseAnswer(bytes: Buffer): ParsedAnswer {
  if (bytes.length > MAX_ANSWER_BYTES)
    return fault(`is ${bytes.length} bytes long, over ${MAX_ANSWER_BYTES}`);
  const body = jsonIn(bytes.toString('utf8'));
  if (body === undefined) return fault('is not JSON, or is nested too deep');
  if (!isRecord(body)) return fault('is JSON, but no object');
  const requestId = body['request-id'];
  if (typeof requestId !== 'string' && typeof requestId !== 'number') return fault('has no request-id');
  if (String(requestId).length > 64) return fault('has a request-id of over 64 characters');
  const status = toStatus(body.state) ?? toStatus(body.status);
  if (status === null) return fault('has neither state nor status with an HTTP status code');
  return {
    ok: true,
    requestId: String(requestId).trim(),
    answer: { status, payload: toPayload(body.payload) },
  };
}

/** True when a gateway's API says that the call worked. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The gateway's own words for what went wrong; null where it has none. At most 500 characters. */
export function errorText(payload: unknown): string | null {
  if (typeof payload === 'string') return payload.slice(0, 500) || null;
  if (!isRecord(payload)) return null;
  const error = isRecord(payload.error) ? payload.error : payload;
  if (typeof error.message === 'string') return error.message.slice(0, 500);
  return typeof payload.error === 'string' ? payload.error.slice(0, 500) : null;
}

function fault(text: string): ParsedAnswer {
  return { ok: false, fault: `The answer ${text}.` };
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function toPayload(payload: unknown): unknown {
  if (typeof payload !== 'string') return payload ?? null;
  const parsed = jsonIn(payload);
  return parsed === undefined ? payload : parsed;
}

function toStatus(value: unknown): number | null {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 999
    ? status
    : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

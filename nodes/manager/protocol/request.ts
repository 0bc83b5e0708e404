import { exactJson } from '../shared/exact-json.js';

/** A request that has passed the rules of catalogue/request-rules.ts. */
export interface CheckedRequest {
  path: string;
  method: string;
  requestBody: unknown;
  /** When the caller wants it to expire, ms since the epoch; left out: when nobody waits for it any more. */
  expiresAt?: number;
}

/**
 * How far ahead of ours a gateway's clock may run before it refuses a request as expired, ms. The price is that a
 * request which the broker holds back may still be carried out so long after we stopped waiting.
 */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * The body of a request as TPE takes it (MQTT "remote API invocation"): headers are a list of one-key objects,
 * the expiry first; the request id is a text of decimal digits.
 */
export function wireRequest(
  request: CheckedRequest,
  requestId: string,
  sentAt: number,
  timeoutMs: number,
): string {
  return exactJson({
    path: request.path,
    method: request.method,
    headers: [
      { 'request-expired-time': expiryText(request.expiresAt ?? sentAt + timeoutMs + CLOCK_TOLERANCE_MS) },
      { 'request-id': requestId },
    ],
    requestBody: request.requestBody,
  });
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, the one form that is documented; fractions are rounded up. */
export function expiryText(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

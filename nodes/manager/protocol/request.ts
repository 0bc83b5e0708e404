import { exactJson } from '../shared/exact-json.js';

/** A request that has passed the rules of catalogue/validation/request-rules.ts. */
export interface CheckedRequest {
  path: string;
  method: string;
  requestBody: unknown;
  /** When the caller wants it to expire, ms since the epoch; left out: a while after the time-out of its command. */
  expiresAt?: number;
}

/**
 * How far a gateway's clock may run ahead of the manager's without a request expiring before its time-out, ms. The price is that a request
 * which the broker holds back may still be carried out this long after the manager stopped waiting.
 */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * Returns the payload of a request as TPE takes it (MQTT "remote API invocation"): headers are a list of one-key objects, the expiry first;
 * the request id is a text of decimal digits. `sentAt` is in ms since the epoch.
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

/** Returns a time, ms since the epoch, as `YYYY-MM-DD HH:MM:SS` in UTC, the only documented form. Fractions are rounded up. */
export function expiryText(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

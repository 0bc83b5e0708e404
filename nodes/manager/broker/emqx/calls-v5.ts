import { complaintWords, isComplaint } from './error-text.js';
import type { EmqxAnswer, EmqxCall, EmqxHttp } from './http-client.js';

export const API = '/api/v5';
export const META = {
  type: 'object',
  properties: { hasnext: { type: 'boolean' }, cursor: { type: 'string', minLength: 1 } },
} as const;

/** Makes a GET call; `path` is below `/api/v5`. */
export function get(path: string, understands: readonly number[]): EmqxCall {
  return { method: 'GET', path: `${API}${path}`, isRepeatable: true, understands };
}

/** Makes a DELETE call; `path` is below `/api/v5`. */
export function remove(path: string): EmqxCall {
  return { method: 'DELETE', path: `${API}${path}`, isRepeatable: true, understands: [200, 204, 404] };
}

/** Makes and sends a POST call that is not repeated; `path` is below `/api/v5`. Rejects as `EmqxHttp.call` does. */
export async function post(http: EmqxHttp, path: string, body: unknown, understands: readonly number[]) {
  const call: EmqxCall = { method: 'POST', path: `${API}${path}`, body, isRepeatable: false, understands };
  return { call, ...(await http.call(call)) };
}

/** False if EMQX does not have what the call names. Throws UNAVAILABLE for a 404 that says that the call itself does not exist. */
export function isDone(http: EmqxHttp, call: EmqxCall, { status, body }: EmqxAnswer): boolean {
  if (status !== 404) return true;
  if (isComplaint(body) && typeof body.code === 'string' && body.code !== 'API_NOT_EXIST') return false;
  throw http.senseless(call, status);
}

/** Returns EMQX's own text about a failure, or the HTTP status if it sent none. */
export function complaintOf({ status, body }: EmqxAnswer): string {
  return complaintWords(body) || `HTTP ${status}`;
}

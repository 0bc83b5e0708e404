import { complaintWords, isComplaint } from './error-text.js';
import type { EmqxAnswer, EmqxCall, EmqxHttp } from './http-client.js';

export const API = '/api/v5';
export const META = {
  type: 'object',
  properties: { hasnext: { type: 'boolean' }, cursor: { type: 'string', minLength: 1 } },
} as const;

export function get(path: string, understands: readonly number[]): EmqxCall {
  return { method: 'GET', path: `${API}${path}`, isRepeatable: true, understands };
}

export function remove(path: string): EmqxCall {
  return { method: 'DELETE', path: `${API}${path}`, isRepeatable: true, understands: [200, 204, 404] };
}

export async function post(http: EmqxHttp, path: string, body: unknown, understands: readonly number[]) {
  const call: EmqxCall = { method: 'POST', path: `${API}${path}`, body, isRepeatable: false, understands };
  return { call, ...(await http.call(call)) };
}

/** False for what is not there; a 404 without a word of EMQX means that the call is not there. */
export function isDone(http: EmqxHttp, call: EmqxCall, { status, body }: EmqxAnswer): boolean {
  if (status !== 404) return true;
  if (isComplaint(body) && typeof body.code === 'string' && body.code !== 'API_NOT_EXIST') return false;
  throw http.senseless(call, status);
}

export function complaintOf({ status, body }: EmqxAnswer): string {
  return complaintWords(body) || `HTTP ${status}`;
}

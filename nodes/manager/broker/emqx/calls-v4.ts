import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { quote } from '../../shared/text.js';
import type { EmqxCall } from './http-client.js';

/** All answers; `code` says how it went, since the status is 200 for nearly all. */
const ENVELOPE = {
  type: 'object',
  required: ['code'],
  properties: { code: { type: 'integer' }, message: {} },
} as const;
export const isEnvelope = guard<FromSchema<typeof ENVELOPE>>(ENVELOPE);

const API = '/api/v4';
/** EMQX's codes that a person may meet. */
const WORDS: Record<number, string> = {
  101: 'a node of its cluster does not answer',
  107: 'a parameter is missing',
  108: 'a parameter is of a wrong type',
  109: 'it could not read the JSON',
  115: 'that is no topic to publish on',
  116: 'there is no such QoS',
};

export function get(path: string, understands: readonly number[] = [200]): EmqxCall {
  return { method: 'GET', path: `${API}${path}`, isRepeatable: true, understands };
}

export function post(path: string, body: unknown, isRepeatable: boolean): EmqxCall {
  return { method: 'POST', path: `${API}${path}`, body, isRepeatable, understands: [200] };
}

export function remove(path: string): EmqxCall {
  return { method: 'DELETE', path: `${API}${path}`, isRepeatable: true, understands: [200] };
}

/** A code of EMQX in words. */
export function codeWords(code: number, message: unknown): string {
  return `${WORDS[code] ?? (typeof message === 'string' ? quote(message).slice(1, -1) : 'it failed')} (code ${code})`;
}

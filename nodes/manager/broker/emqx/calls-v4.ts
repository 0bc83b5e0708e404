import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { quote } from '../../shared/text.js';
import type { EmqxCall } from './http-client.js';

/** The form of every answer. `code` tells success or failure, since the HTTP status is nearly always 200. */
const ENVELOPE = {
  type: 'object',
  required: ['code'],
  properties: { code: { type: 'integer' }, message: {} },
} as const;
export const isEnvelope = guard<FromSchema<typeof ENVELOPE>>(ENVELOPE);

const API = '/api/v4';
/** What those codes of EMQX mean that a person may come across. */
const WORDS: Record<number, string> = {
  101: 'a node of its cluster does not answer',
  107: 'a parameter is missing',
  108: 'a parameter is of a wrong type',
  109: 'it could not read the JSON',
  115: 'that is no topic to publish on',
  116: 'there is no such QoS',
};

/** Makes a GET call; `path` is below `/api/v4`. */
export function get(path: string, understands: readonly number[] = [200]): EmqxCall {
  return { method: 'GET', path: `${API}${path}`, isRepeatable: true, understands };
}

/** Makes a POST call; `path` is below `/api/v4`. */
export function post(path: string, body: unknown, isRepeatable: boolean): EmqxCall {
  return { method: 'POST', path: `${API}${path}`, body, isRepeatable, understands: [200] };
}

/** Makes a DELETE call; `path` is below `/api/v4`. */
export function remove(path: string): EmqxCall {
  return { method: 'DELETE', path: `${API}${path}`, isRepeatable: true, understands: [200] };
}

/** Says for a person what a code of EMQX means; `message` is EMQX's own text, for codes that are not known here. */
export function codeWords(code: number, message: unknown): string {
  return `${WORDS[code] ?? (typeof message === 'string' ? quote(message).slice(1, -1) : 'it failed')} (code ${code})`;
}

import { CAUSE } from '../../manager/shared/reason.js';
import { TPE_ERRORS, type TpeErrorCode } from '../../manager/shared/tpe-error.js';
import { HTTP_STATUS } from '../http-status.js';
import type { Route } from './route.js';

// How the OpenAPI document describes calls that are refused.

/** The meaning of the code for a call without a known token. */
const UNAUTHORIZED = 'The token is missing or wrong.';

/** All values of `data.code` in a refusal, with their meaning. */
export const REFUSAL_CODES: Readonly<Record<string, string>> = { UNAUTHORIZED, ...TPE_ERRORS };

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait before the next try.', schema: { type: 'integer' } },
};

interface Kind {
  name: string;
  description: string;
  headers?: object;
}

/** The refusals by status. The OpenAPI document refers to them by `name`. */
const KINDS: Readonly<Record<number, Kind>> = {
  400: { name: 'InvalidInput', description: 'Something in query or body is wrong; `message` says what.' },
  401: {
    name: 'Unauthorized',
    description: UNAUTHORIZED,
    headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
  },
  403: { name: 'Forbidden', description: TPE_ERRORS.FORBIDDEN },
  404: { name: 'NotFound', description: TPE_ERRORS.NOT_FOUND },
  408: { name: 'BodyTooLate', description: 'The body did not come in time, or was cut off.' },
  409: { name: 'Conflict', description: `${TPE_ERRORS.CONFLICT} Or: ${TPE_ERRORS.OFFLINE}` },
  413: { name: 'BodyTooLarge', description: 'The body is too large.' },
  415: { name: 'UnknownBody', description: 'The body is compressed, or not said to be JSON.' },
  423: { name: 'Held', description: `${TPE_ERRORS.STOPPED} Or: ${TPE_ERRORS.GUARDED}` },
  429: {
    name: 'TooManyTokens',
    description: 'Too many wrong tokens came from this address.',
    headers: RETRY_AFTER,
  },
  500: { name: 'Fault', description: TPE_ERRORS.ERROR },
  502: { name: 'Unreadable', description: TPE_ERRORS.UNREADABLE },
  503: {
    name: 'Unavailable',
    description: 'Database or broker cannot be reached, too much is under way, or Node-RED is just starting.',
    headers: RETRY_AFTER,
  },
  504: { name: 'TimedOut', description: TPE_ERRORS.TIMED_OUT },
};

const ALWAYS: readonly TpeErrorCode[] = ['INVALID_INPUT', 'FORBIDDEN', 'ERROR', 'UNAVAILABLE'];
const OF_TOKENS = [401, 429];
const OF_BODIES = [408, 413, 415];

/** Returns the refusals that a route may answer with, by status, as references to `refusalResponses`. */
export function refusalsOf({ errors = [], body }: Route): Record<string, object> {
  const statuses = [...ALWAYS, ...errors].map((code) => HTTP_STATUS[code]);
  const all = [...statuses, ...OF_TOKENS, ...(body === undefined ? [] : OF_BODIES)];
  const each = [...new Set(all)].sort((one, other) => one - other);
  return Object.fromEntries(
    each.map((status) => [status, { $ref: `#/components/responses/${KINDS[status]!.name}` }]),
  );
}

/** Returns the refusals that routes share, by name, as responses of OpenAPI. */
export function refusalResponses(): Record<string, object> {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } };
  return Object.fromEntries(
    Object.values(KINDS).map(({ name, description, headers }) => [
      name,
      { description, ...(headers !== undefined && { headers }), content },
    ]),
  );
}

/** JSON Schema of the body of every refusal. */
export const REFUSAL = {
  type: 'object',
  description: 'A call that was not served.',
  properties: {
    status: { const: false },
    data: {
      type: 'object',
      properties: {
        code: {
          enum: Object.keys(REFUSAL_CODES),
          description: Object.entries(REFUSAL_CODES)
            .map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
            .join('\n'),
        },
        message: { type: 'string', description: 'For a person: what was wrong, and what to do.' },
        cause: CAUSE,
        requestId: { type: 'string', description: 'Of the command that this is about.' },
        state: { type: 'string', description: 'How that command ended.' },
      },
      required: ['code', 'message'],
      additionalProperties: false,
    },
  },
  required: ['status', 'data'],
  additionalProperties: false,
} as const;

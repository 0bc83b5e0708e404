import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../manager/shared/guard.js';
import { jsonIn } from '../../manager/shared/json-bounds.js';
import { CLOSE, sendJson } from '../http/answers.js';
import { readBody } from '../http/read-body.js';

/** Largest body of a request to sign in or out, bytes. */
export const MAX_AUTH_BYTES = 4096;
const MAX_PASSWORD_BYTES = 1000;

const SCHEMA = {
  type: 'object',
  properties: {
    client_id: { type: 'string', maxLength: 100 },
    client_secret: { type: 'string', maxLength: 200 },
    grant_type: { type: 'string', maxLength: 100 },
    scope: { type: 'string', maxLength: 500 },
    username: { type: 'string', maxLength: 200 },
    password: { type: 'string', maxLength: MAX_PASSWORD_BYTES },
    token: { type: 'string', maxLength: 1000 },
  },
} as const;

type Fields = FromSchema<typeof SCHEMA>;
const NAMES = Object.keys(SCHEMA.properties);
const areFields = guard<Fields>(SCHEMA);

type ParsedRequest = IncomingMessage & { body?: unknown; _body?: boolean };

/**
 * Reads the body of a request to sign in or out of the editor, within small bounds, and hands it on as body parsers do, so that Node-RED
 * never holds a large one. Answers 413 or 400 to a body that is too large or has other fields.
 */
export function authRoute(request: ParsedRequest, response: ServerResponse, next: () => void): void {
  void readBody(request, { mostBytes: MAX_AUTH_BYTES }).then((body) => {
    if ('fault' in body && body.fault === 'cut off') return;
    const text = 'text' in body ? body.text : null;
    const fields = text === null ? null : fieldsOf(request, text);
    if (fields === null) {
      const message = `Send application/json or a form of at most ${MAX_AUTH_BYTES} bytes: a user name of 200 characters and a password of ${MAX_PASSWORD_BYTES} bytes at most.`;
      return refuse(response, text === null ? 413 : 400, 'invalid_request', message, CLOSE);
    }
    request.body = fields;
    request._body = true;
    next();
  });
}

function fieldsOf({ headers }: IncomingMessage, text: string): Fields | null {
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '');
  const given = isJson ? jsonIn(text) : Object.fromEntries(new URLSearchParams(text));
  if (!areFields(given)) return null;
  if (Buffer.byteLength(given.password ?? '') > MAX_PASSWORD_BYTES) return null;
  return Object.fromEntries(Object.entries(given).filter(([name]) => NAMES.includes(name)));
}

/** Answers in the form of OAuth, which the editor's login uses. */
function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  sendJson(
    response,
    status,
    { ...headers, 'cache-control': 'no-store' },
    { error, error_description: message },
  );
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { messageOf, TpeError } from '../../manager/tpe-error.js';
import { withCaller } from '../caller.js';
import { CLOSE, sendJson } from './answers.js';
import { type Authenticate, withSignedIn } from './editor-sign-in.js';
import { pathOf } from './places.js';
import { readText } from './read-text.js';

/** What a request to sign in or out may have, bytes. */
export const MOST_AUTH_BYTES = 4096;
const MOST_PASSWORD_BYTES = 1000;

const SCHEMA = {
  type: 'object',
  properties: {
    client_id: { type: 'string', maxLength: 100 },
    client_secret: { type: 'string', maxLength: 200 },
    grant_type: { type: 'string', maxLength: 100 },
    scope: { type: 'string', maxLength: 500 },
    username: { type: 'string', maxLength: 200 },
    password: { type: 'string', maxLength: MOST_PASSWORD_BYTES },
    token: { type: 'string', maxLength: 1000 },
  },
} as const;

type Fields = FromSchema<typeof SCHEMA>;
const NAMES = Object.keys(SCHEMA.properties);
const ajv = new Ajv();
const areFields = ajv.compile<Fields>(SCHEMA);

type ParsedRequest = IncomingMessage & { body?: unknown; _body?: boolean };

/**
 * Reads what is sent to sign in or out of the editor, within small bounds, and hands it on as body parsers do. Who signs in is
 * asked for here; what Node-RED would keep of wrong attempts never reaches it. `onFault` is told of faults that are ours.
 */
export function createAuthRoute(authenticate: Authenticate | null, onFault: (text: string) => void) {
  const signIn = async (
    { username, password }: Fields,
    response: ServerResponse,
    next: () => void,
  ): Promise<void> => {
    if (authenticate === null) return next();
    if (!username || !password)
      return refuse(response, 400, 'invalid_request', 'Give username and password.');
    const user = await authenticate(username, password);
    if (user !== null) return withSignedIn(user, next);
    const text = 'The user name or the password is wrong, or this person may not open the editor.';
    refuse(response, 403, 'invalid_grant', text);
  };

  return (request: ParsedRequest, response: ServerResponse, address: string, next: () => void): void => {
    readText(request, MOST_AUTH_BYTES, (text) => {
      const fields = text === null ? null : fieldsOf(request, text);
      if (fields === null) {
        const message = `Send application/json or a form of at most ${MOST_AUTH_BYTES} bytes: a user name of 200 characters and a password of ${MOST_PASSWORD_BYTES} bytes at most.`;
        return refuse(response, text === null ? 413 : 400, 'invalid_request', message, CLOSE);
      }
      request.body = fields;
      request._body = true;
      // Events of a request come from its connection, where nobody remembers who called.
      withCaller(address, () => {
        if (!isSignIn(request, fields)) return next();
        signIn(fields, response, next).catch((error: unknown) => refuseFault(response, error, onFault));
      });
    });
  };
}

function isSignIn(request: IncomingMessage, { grant_type: grant }: Fields): boolean {
  return request.method === 'POST' && grant === 'password' && /\/auth\/token\/?$/.test(pathOf(request));
}

function fieldsOf({ headers }: IncomingMessage, text: string): Fields | null {
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '');
  const given = isJson ? parsed(text) : Object.fromEntries(new URLSearchParams(text));
  if (!areFields(given)) return null;
  if (Buffer.byteLength(given.password ?? '') > MOST_PASSWORD_BYTES) return null;
  return Object.fromEntries(Object.entries(given).filter(([name]) => NAMES.includes(name)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refuseFault(response: ServerResponse, error: unknown, onFault: (text: string) => void): void {
  if (!(error instanceof TpeError)) {
    onFault(`A sign-in at the editor failed: ${messageOf(error)}`);
    return refuse(response, 500, 'server_error', 'The sign-in failed: the log of Node-RED says why.');
  }
  const isBusy = error.code === 'BUSY';
  refuse(response, isBusy ? 429 : 503, 'temporarily_unavailable', error.message, { 'retry-after': '5' });
}

/** In the form of OAuth, which the editor's login speaks. */
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

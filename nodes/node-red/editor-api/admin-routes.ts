import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { NodeAPI } from 'node-red';
import type { Asker } from '../../api/caller.js';
import { MOST_DEPTH, whyTooLarge } from '../../manager/shared/json-bounds.js';
import { jsonParts } from '../../manager/shared/json-text.js';
import { messageOf, TpeError, type TpeErrorCode } from '../../manager/shared/tpe-error.js';
import { isSameOrigin } from '../http/same-origin.js';
import { serverSettings } from '../server/settings.js';

const STATUS: Record<TpeErrorCode, number> = {
  INVALID_INPUT: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  OFFLINE: 409,
  TIMED_OUT: 504,
  UNREADABLE: 502,
  UNAVAILABLE: 503,
  BUSY: 503,
  CLOSED: 503,
  ERROR: 500,
};

/** What somebody may be allowed in the editor. */
export type Permission = 'tpe.read' | 'tpe.write' | 'tpe-server.write';

/** A file of operations is one text. */
const BOUNDS = { depth: MOST_DEPTH, values: 100_000, characters: 6_000_000 };

/**
 * Adds a route to the editor's API for somebody who holds `permission`. POST only, and not from pages of other hosts: nothing in a
 * foreign page must be able to start anything. What `handle` resolves with is sent as JSON; a TpeError becomes a status of its own and
 * `{error, code, ...details}`.
 */
export function postRoute(
  RED: NodeAPI,
  path: string,
  permission: Permission,
  handle: (body: unknown, asker: Asker) => Promise<unknown>,
): void {
  RED.httpAdmin.post(path, ofThisHost(RED), RED.auth.needsPermission(permission), (request, response) => {
    within(request.body, (body) => handle(body, askerOf(request, permission))).then(
      (result) => sendJson(response, result),
      (error: unknown) => {
        const { code, details } = error instanceof TpeError ? error : { code: null, details: {} };
        response
          .status(code === null ? 500 : STATUS[code])
          .json({ ...details, error: messageOf(error), code: code ?? 'ERROR' });
      },
    );
  });
}

/** A large answer goes out part by part: written at once, it would be a standstill. Never rejects. */
async function sendJson(response: Response, value: unknown): Promise<void> {
  const parts = jsonParts(value);
  const { value: first = '' } = await parts.next();
  const second = await parts.next();
  response.type('json');
  if (second.done) return void response.send(first);
  const all = Readable.from(joined([first, second.value], parts), { objectMode: false });
  // Who has gone needs no answer.
  await pipeline(all, response).catch(() => undefined);
}

async function* joined(first: readonly string[], rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield* first;
  yield* rest;
}

/** A Node-RED without a login has nothing else that tells who calls. */
function ofThisHost(RED: NodeAPI): RequestHandler {
  return (request, response, next) => {
    const isOwn = serverSettings(RED).front?.isOwnPage(request) ?? isSameOrigin(request.headers);
    if (isOwn) return next();
    response.status(403).json({ error: 'Pages of other hosts may not call this.', code: 'FORBIDDEN' });
  };
}

/** What goes through a body by calling itself would end at thousands of levels. */
async function within<Result>(body: unknown, handle: (body: unknown) => Promise<Result>): Promise<Result> {
  const tooLarge = whyTooLarge(body, BOUNDS);
  if (tooLarge !== null) throw new TpeError('INVALID_INPUT', `The request ${tooLarge}.`);
  return await handle(body);
}

/** Who may read is a viewer here, and who may write an administrator. */
function askerOf(request: Request, permission: Permission): Asker {
  const { user } = request as { user?: { username?: unknown; accountId?: unknown } };
  const isSignedIn = typeof user?.username === 'string';
  const name = isSignedIn ? (user.username as string) : 'nobody logged in';
  return {
    id: typeof user?.accountId === 'string' ? user.accountId : null,
    name,
    role: permission === 'tpe.read' ? 'viewer' : 'administrator',
    address: request.ip ?? null,
    requestedBy: `editor: ${name}`,
    hasLogin: isSignedIn,
    isSignedIn,
    ownPassword: null,
  };
}

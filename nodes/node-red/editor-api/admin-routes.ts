import type { Request, RequestHandler } from 'express';
import type { NodeAPI } from 'node-red';
import type { Caller } from '../../api/caller.js';
import { HTTP_STATUS } from '../../api/http-status.js';
import { MAX_DEPTH, whyTooLarge } from '../../manager/shared/json-bounds.js';
import { jsonParts } from '../../manager/shared/json-text.js';
import { asTpeError, TpeError } from '../../manager/shared/tpe-error.js';
import { isSameOrigin } from '../http/same-origin.js';
import { sendParts } from '../http/send-parts.js';
import { serverSettings } from '../server/settings.js';

/** Permissions of Node-RED that the routes of this pack need. */
export type Permission = 'tpe.read' | 'tpe.write' | 'tpe-server.write';

/** A file of operations comes as one text, which makes the limit for characters large. */
const BOUNDS = { depth: MAX_DEPTH, values: 100_000, characters: 6_000_000 };

/**
 * Adds a POST route to the editor's API for callers who have `permission`. Refuses calls from pages of other hosts, so that a foreign
 * page cannot start anything. The value that `handle` resolves with is sent as JSON. A TpeError is sent as `{error, code, ...details}`
 * with the HTTP status of its code, and with `cause` where its reason has one; any other error with status 500.
 */
export function postRoute(
  RED: NodeAPI,
  path: string,
  permission: Permission,
  handle: (body: unknown, actor: Caller) => Promise<unknown>,
): void {
  RED.httpAdmin.post(path, ofThisHost(RED), RED.auth.needsPermission(permission), (request, response) => {
    within(request.body, (body) => handle(body, actorOf(request, permission))).then(
      (result) => sendParts(response, 200, {}, jsonParts(result)),
      (error: unknown) => {
        const { code, details, reason } = asTpeError(error);
        response
          .status(HTTP_STATUS[code])
          .json({ ...details, error: reason.text, code, ...(reason.cause && { cause: reason.cause }) });
      },
    );
  });
}

/** Refuses calls from pages of other hosts. Without a login in Node-RED, nothing else shows who calls. */
function ofThisHost(RED: NodeAPI): RequestHandler {
  return (request, response, next) => {
    const isOwn = serverSettings(RED).front?.isOwnPage(request) ?? isSameOrigin(request.headers);
    if (isOwn) return next();
    response
      .status(403)
      .json({ error: 'Requests from pages of other hosts are not allowed.', code: 'FORBIDDEN' });
  };
}

/** Rejects with INVALID_INPUT for a body that is too deep or too large, because recursive functions would overflow the stack. */
async function within<Result>(body: unknown, handle: (body: unknown) => Promise<Result>): Promise<Result> {
  const tooLarge = whyTooLarge(body, BOUNDS);
  if (tooLarge !== null) throw new TpeError('INVALID_INPUT', `The request ${tooLarge}.`);
  return await handle(body);
}

/** The caller of a route. Node-RED has only two permissions: to read counts as viewer, to write as administrator. */
function actorOf(request: Request, permission: Permission): Caller {
  const { user } = request as { user?: { username?: unknown; accountId?: unknown } };
  const isSignedIn = typeof user?.username === 'string';
  const name = isSignedIn ? (user.username as string) : 'nobody logged in';
  return {
    id: typeof user?.accountId === 'string' ? user.accountId : null,
    name,
    role: permission === 'tpe.read' ? 'viewer' : 'administrator',
    address: request.ip ?? null,
    door: 'editor',
    requestedBy: `editor: ${name}`,
    hasLogin: isSignedIn,
    isSignedIn,
    ownPassword: null,
  };
}

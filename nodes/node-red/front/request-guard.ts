import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeAPI } from 'node-red';
import { createThrottledLog } from '../../manager/shared/throttled-log.js';
import { CLOSE, type Refusal, refuse, refuseRest } from '../http/answers.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { nameRestCall } from '../http/json-body.js';
import { withRelativeLocation } from '../http/relative-location.js';
import { servedRole } from '../http/rest-route.js';
import type { FrontSettings } from '../server/front-settings.js';
import { authRoute, MAX_AUTH_BYTES } from './auth-route.js';
import { announced, type BodyKind, createBodies, hasBody, kindOf } from './bodies.js';
import { createGuests } from './guests.js';
import { isForeign, isRebound, withoutCors } from './origins.js';
import { type Place, type Places, pathOf } from './places.js';

const MB = 1024 * 1024;
/** Largest body of an unauthenticated caller, bytes. The dashboard's form to sign in is smaller. */
const MAX_OF_GUESTS = 16 * 1024;
/** Largest body to an http-in node without authentication, bytes. JSON, of which Node-RED takes 5 MB, grows much in memory. */
const MAX_TO_NODES = 24 * MB;
const MAX_JSON_TO_NODES = 6 * MB;

const FOREIGN: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  message:
    'Pages of other hosts may not use the editor. Behind a proxy, set TPE_PUBLIC_URL to the address that browsers know, or let the proxy forward the header Host and name it in TPE_TRUST_PROXY.',
  headers: CLOSE,
};
const REBOUND: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'This dashboard can only be opened on this machine: set TPE_PUBLIC_URL to use another name.',
  headers: CLOSE,
};
const SIGN_IN_FIRST: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'Sign in to the editor before sending a request of this size.',
  headers: CLOSE,
};
const NOT_COMPRESSED: Refusal = {
  status: 415,
  code: 'INVALID_INPUT',
  message: 'Send the body uncompressed: compression is only allowed after signing in.',
  headers: CLOSE,
};
const TOO_MANY: Refusal = {
  status: 429,
  code: 'BUSY',
  message: 'Too many requests without sign-in: try again in a minute.',
  headers: { ...CLOSE, 'retry-after': '60' },
};

/**
 * Creates the guard of the requests of a Node-RED that our settings.js started. Pages of other hosts reach nothing of the editor, REST
 * calls need their token before their body is read, and unauthenticated callers may send only small bodies.
 */
export function createRequestGuard(RED: NodeAPI, settings: FrontSettings, places: Places) {
  const bodies = createBodies();
  const guests = createGuests();
  const warn = createThrottledLog((text) => RED.log.warn(text));

  const isKnown = async (request: IncomingMessage, place: Place, kind: BodyKind): Promise<boolean> => {
    if (place === 'rest') return true;
    if (place === 'auth') return false;
    if (place === 'admin') return await isKnownToEditor(RED, request);
    const token = bearerTokenIn(request.headers);
    if (token !== undefined && settings.isKnownToken(token)) return true;
    // Node-RED does not parse what the dashboard's own pages send. A session is not enough for what it parses, which can take much memory.
    return kind === 'plain' && settings.isSignedIn(request.headers);
  };

  const refuseForeign = (request: IncomingMessage, response: ServerResponse, address: string): void => {
    const origin = JSON.stringify(request.headers.origin).slice(0, 200);
    warn(address, `A page of ${origin}, open at ${address}, tried to use the editor: refused.`);
    refuse(response, FOREIGN);
  };

  const restRefusal = (request: IncomingMessage, address: string): Refusal | null => {
    const call = `${request.method} ${pathOf(request).slice(0, 500)}`;
    const route = places.nodePath(request) ?? pathOf(request);
    const { method = '' } = request;
    const role = servedRole(method, route);
    const token = bearerTokenIn(request.headers);
    return settings.restRefusal({ token, method, route, role, call, address }, request);
  };

  const takeBody = async (
    request: IncomingMessage,
    response: ServerResponse,
    address: string,
    place: Place,
    next: () => void,
  ): Promise<void> => {
    const kind = kindOf(request);
    const known = await isKnown(request, place, kind);
    const most = known ? Number.POSITIVE_INFINITY : mostOf(request, place, kind);
    const say = place === 'rest' ? refuseRest : refuse;
    if (!known && kind === 'compressed') return refuse(response, NOT_COMPRESSED);
    if (place === 'admin' && announced(request.headers) > most) return refuse(response, SIGN_IN_FIRST);
    const whose = {
      address,
      isKnown: known,
      most,
      kind,
      refuse: (refusal: Refusal) => say(response, refusal),
    };
    if (!bodies.admit(request, response, whose)) return;
    if (place === 'auth') return authRoute(request, response, next);
    next();
  };

  return (request: IncomingMessage, response: ServerResponse, address: string, next: () => void): void => {
    const place = places.placeOf(request);
    const isEditors = place === 'admin' || place === 'auth';
    // Pages of ours and of Node-RED have to work wherever a proxy puts them. Answers of http-in nodes stay as they are.
    if (isEditors || place === 'dashboard') withRelativeLocation(request, response);
    if (request.method === 'OPTIONS' && isForeign(request, settings)) {
      if (isEditors || !RED.settings.httpNodeCors) return refuseForeign(request, response, address);
      return preflightOfNodes(RED, request, response);
    }
    if (isEditors && isForeign(request, settings)) return refuseForeign(request, response, address);
    if (place === 'dashboard' && isRebound(request, settings.isOwnHost)) return refuse(response, REBOUND);
    if (request.method === 'OPTIONS') withoutCors(response);
    const refusal = place === 'rest' ? restRefusal(request, address) : null;
    if (refusal !== null) return refuseRest(response, refusal);
    if (place === 'rest') nameRestCall(request, places.nodePath(request) ?? '');
    if (place === 'dashboard' && guests.isBegun(request) && !settings.isSignedIn(request.headers)) {
      if (!guests.take(address)) return refuse(response, TOO_MANY);
    }
    if (!hasBody(request)) return next();
    takeBody(request, response, address, place, next).catch((error: unknown) => {
      RED.log.error(`A request failed: ${error}`);
      request.destroy();
    });
  };
}

function mostOf({ method }: IncomingMessage, place: Place, kind: BodyKind): number {
  if (place === 'auth') return MAX_AUTH_BYTES;
  if (place !== 'node' || method === 'GET' || method === 'HEAD') return MAX_OF_GUESTS;
  return kind === 'json' ? MAX_JSON_TO_NODES : MAX_TO_NODES;
}

/** Whether the editor's own routes would admit a request. Their answer to it is dropped. */
function isKnownToEditor(RED: NodeAPI, request: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = { statusCode: 200, setHeader: () => undefined, end: () => resolve(false) };
    const ask = RED.auth.needsPermission('') as unknown as (
      request: IncomingMessage,
      response: typeof answer,
      next: (error?: unknown) => void,
    ) => void;
    ask(request, answer, (error) => resolve(!error));
  });
}

/** Answers a preflight by the HTTP nodes. Otherwise the editor would answer it first, without naming a host. */
function preflightOfNodes(RED: NodeAPI, request: IncomingMessage, response: ServerResponse): void {
  const root = String(RED.settings.httpNodeRoot || '/').replace(/\/$/, '');
  request.url = request.url?.slice(root.length) || '/';
  const answer = RED.httpNode as unknown as (
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
  ) => void;
  answer(request, response, () => refuse(response, FOREIGN));
}

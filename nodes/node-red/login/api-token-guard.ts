import type { RequestHandler, Response } from 'express';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { entryOf } from '../../manager/accounts/recorded.js';
import { createOnceAMinute } from '../../manager/once-a-minute.js';
import { bearerTokenIn } from './bearer-token.js';
import { callerOf, callOf, isBelowApi, routeOf } from './rest-call.js';

/** Routes below /api that check their callers themselves, as the http-in nodes write them. */
const OPEN_ROUTES: ReadonlySet<string> = new Set();

/**
 * Lets only callers with the API token to http-in nodes whose URL is /api or below. Meant for `httpNodeMiddleware`,
 * which Node-RED runs before it reads a body. It goes by the route, not by the URL, which may be spelt in many ways.
 */
export function apiTokenGuard(accounts: Accounts): RequestHandler {
  const record = createOnceAMinute(accounts.record);
  return (request, response, next) => {
    const route = routeOf(request);
    if (!isBelowApi(route) || OPEN_ROUTES.has(route)) return next();
    const token = bearerTokenIn(request.headers);
    // The right one passes whatever was tried from the same address.
    if (token !== undefined && accounts.isApiToken(token)) return next();
    if (token !== undefined) {
      const waitSeconds = accounts.wrongApiToken(request.ip ?? '');
      if (waitSeconds > 0) return void refuseForNow(response, waitSeconds);
      const deed = {
        action: 'rest.call',
        detail: { call: callOf(request) },
      };
      record(request.ip ?? '', entryOf(callerOf(request), deed, 'refused', 'the API token is wrong'));
    }
    response
      .status(401)
      .set('WWW-Authenticate', token === undefined ? 'Bearer' : 'Bearer error="invalid_token"')
      .json({ status: false, data: { code: 'UNAUTHORIZED', message: messageFor(token) } });
  };
}

function refuseForNow(response: Response, waitSeconds: number): void {
  const message = `Too many wrong API tokens came from your address: try again in ${waitSeconds} s.`;
  response
    .status(429)
    .set('Retry-After', String(waitSeconds))
    .json({ status: false, data: { code: 'BUSY', message } });
}

function messageFor(token: string | undefined): string {
  return token === undefined
    ? 'The API token is missing: send the header "Authorization: Bearer TOKEN".'
    : 'The API token is wrong: it was printed at the first start, or is what TPE_API_TOKEN says.';
}

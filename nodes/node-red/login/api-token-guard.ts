import type { RequestHandler } from 'express';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { bearerTokenIn } from './bearer-token.js';

/** Routes below /api that check their callers themselves, as the http-in nodes write them. */
const OPEN_ROUTES: ReadonlySet<string> = new Set();

/**
 * Lets only callers with the API token to http-in nodes whose URL is /api or below. Meant for `httpNodeMiddleware`,
 * which Node-RED runs before it reads a body. It goes by the route, not by the URL, which may be spelt in many ways.
 */
export function apiTokenGuard(accounts: Accounts): RequestHandler {
  return (request, response, next) => {
    const route = String(request.route?.path ?? request.path).toLowerCase();
    if (!isBelowApi(route) || OPEN_ROUTES.has(route)) return next();
    const token = bearerTokenIn(request.headers);
    if (token !== undefined && accounts.isApiToken(token)) return next();
    response
      .status(401)
      .set('WWW-Authenticate', token === undefined ? 'Bearer' : 'Bearer error="invalid_token"')
      .json({ status: false, data: { code: 'UNAUTHORIZED', message: messageFor(token) } });
  };
}

function isBelowApi(route: string): boolean {
  return route === '/api' || route.startsWith('/api/');
}

function messageFor(token: string | undefined): string {
  return token === undefined
    ? 'The API token is missing: send the header "Authorization: Bearer TOKEN".'
    : 'The API token is wrong: it was printed at the first start, or is what TPE_API_TOKEN says.';
}

import type { RequestHandler } from 'express';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { refuseRest } from '../http/answers.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { callOf, isBelowApi, routeOf } from './rest-call.js';
import { restRefusal } from './rest-refusal.js';

/**
 * Lets only callers with the API token to http-in nodes whose URL is /api or below. Meant for `httpNodeMiddleware`,
 * which Node-RED runs before it reads a body. It goes by the route, not by the URL, which may be spelt in many ways.
 */
export function apiTokenGuard(accounts: Accounts): RequestHandler {
  const refusalOf = restRefusal(accounts);
  return (request, response, next) => {
    if (!isBelowApi(routeOf(request))) return next();
    const token = bearerTokenIn(request.headers);
    const refusal = refusalOf({ token, call: callOf(request), address: request.ip ?? '' });
    if (refusal === null) return next();
    refuseRest(response, refusal);
  };
}

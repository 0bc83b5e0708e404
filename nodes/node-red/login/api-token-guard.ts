import type { RequestHandler } from 'express';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { refuseRest } from '../http/answers.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { callOf, isBelowApi, routeOf } from './rest-call.js';
import { restRefusal } from './rest-refusal.js';

/**
 * Lets only callers with an API token whose role is enough to http-in nodes whose URL is /api or below. Meant for
 * `httpNodeMiddleware`, which Node-RED runs before it reads a body. It goes by the route, not by the URL, which may be spelt in many ways.
 */
export function apiTokenGuard(accounts: Accounts): RequestHandler {
  const refusalOf = restRefusal(accounts);
  return (request, response, next) => {
    const route = routeOf(request);
    if (!isBelowApi(route)) return next();
    const token = bearerTokenIn(request.headers);
    const { method, ip: address = '' } = request;
    const refusal = refusalOf({ token, method, route, call: callOf(request), address }, request);
    if (refusal === null) return next();
    refuseRest(response, refusal);
  };
}

import type { RequestHandler } from 'express';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { refuseRest } from '../http/answers.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { callOf, isBelowApi, routeOf } from './rest-call.js';
import { restRefusal } from './rest-refusal.js';

/**
 * Middleware for http-in nodes at /api and below: passes on only calls whose API token has the role that the call needs. Goes into
 * `httpNodeMiddleware`, which Node-RED runs before it reads a body. It checks the route and not the URL, because one route can be spelled
 * as many URLs.
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

import type { RequestHandler } from 'express';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { entryOf } from '../../manager/accounts/recorded.js';
import { refuseRest } from '../front/answers.js';
import { bearerTokenIn } from './bearer-token.js';
import { callerAt, callOf, isBelowApi, routeOf } from './rest-call.js';
import { missingToken, wrongToken } from './rest-refusal.js';

/**
 * Lets only callers with the API token to http-in nodes whose URL is /api or below. Meant for `httpNodeMiddleware`,
 * which Node-RED runs before it reads a body. It goes by the route, not by the URL, which may be spelt in many ways.
 */
export function apiTokenGuard(accounts: Accounts): RequestHandler {
  const tell = wrongTokenRecorder(accounts);
  return (request, response, next) => {
    if (!isBelowApi(routeOf(request))) return next();
    const token = bearerTokenIn(request.headers);
    if (token !== undefined && accounts.isApiToken(token)) return next();
    if (token !== undefined) tell(callOf(request), request.ip ?? '');
    refuseRest(response, token === undefined ? missingToken : wrongToken);
  };
}

/** Writes to the audit which call, `GET /api/device`, came with a wrong token, and from where. */
export function wrongTokenRecorder(accounts: Accounts): (call: string, address: string) => void {
  return (call, address) =>
    accounts.record(
      entryOf(
        callerAt(address),
        { action: 'rest.call', detail: { call } },
        'refused',
        'the API token is wrong',
      ),
    );
}

import type { RequestHandler } from 'express';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { auditEntry } from '../../manager/audit/audited.js';
import type { OperationSet } from '../../manager/catalogue/operation-set.js';
import { CLOSE, refuseRest } from '../http/answers.js';
import { loginReason } from './login-reasons.js';
import { auditActionOf } from './rest-audit.js';
import { actorOf, type RestCaller, restCaller, routeOf } from './rest-call.js';
import { forRole, type ToldRefusal } from './rest-refusal.js';
import { isCommandCall, roleOfCommand } from './rest-role.js';

/** Node-RED also accepts a command as a form, but parses it behind this guard, which therefore could not check it. */
const NOT_JSON: ToldRefusal = {
  status: 415,
  code: 'INVALID_INPUT',
  message: loginReason('command-is-no-json'),
  headers: CLOSE,
};

/**
 * Refuses commands that need an administrator when the token has a lower role. Goes into `httpNodeMiddleware` behind the parser of JSON.
 * `catalogue` returns the catalogue of the open manager, or of the last one that was open; null if none ever was.
 */
export function restCommandGuard(accounts: Accounts, catalogue: () => OperationSet | null): RequestHandler {
  return (request, response, next) => {
    const caller = restCaller(request);
    if (caller === null || caller.role === 'administrator') return next();
    if (!isCommandCall(request.method, routeOf(request))) return next();
    const isParsed = (request as { _body?: boolean })._body === true;
    const refusal = isParsed ? commandRefusal(caller, catalogue(), request.body) : NOT_JSON;
    if (refusal === null) return next();
    accounts.record(auditEntry(actorOf(request), auditActionOf(request), 'refused', refusal.message));
    refuseRest(response, refusal);
  };
}

/** Without a catalogue, the risk of the command is not known, so only an administrator may send it. */
function commandRefusal(
  caller: RestCaller,
  catalogue: OperationSet | null,
  body: unknown,
): ToldRefusal | null {
  return forRole(caller, catalogue === null ? 'administrator' : roleOfCommand(catalogue, body));
}

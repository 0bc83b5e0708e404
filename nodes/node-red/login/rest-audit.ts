import type { Request, RequestHandler } from 'express';
import { withToken } from '../../api/caller.js';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { type AuditAction, auditEntry } from '../../manager/audit/audited.js';
import type { Reason } from '../../manager/shared/reason.js';
import { loginReason } from './login-reasons.js';
import { actorOf, callOf, isBelowApi, restCaller, routeOf } from './rest-call.js';
import { READS } from './rest-role.js';

/** Audit actions of the bundled flow's calls, named as on the dashboard. */
const ACTIONS: Readonly<Record<string, string>> = {
  'POST /api/device': 'gateway.register',
  'POST /api/device/import': 'gateway.import',
  'POST /api/device/rotate': 'gateway.rotate',
  'DELETE /api/device/:clientid': 'gateway.retire',
  'PUT /api/device/checkupdate': 'update.scan',
  'POST /api/device/:clientid/update': 'update.install',
  'POST /api/emqx/clients/:clientid/message': 'command.send',
  'POST /api/operation/import': 'operation.import',
  'DELETE /api/operation/:id': 'operation.remove',
};
/** Fields of a body that go into the audit. The others may be long, or secret. */
const TOLD = ['operation', 'method', 'path'] as const;
/** At most so many client ids of a body go into the audit. */
const MAX_TOLD = 20;

/**
 * Writes to the audit what each REST call does, whichever http-in node handles it. Calls that only read are left out. Goes into
 * `httpNodeMiddleware` behind the guard of the API token, because the route is known only there.
 */
export function restAudit(accounts: Accounts): RequestHandler {
  return (request, response, next) => {
    if (READS.has(request.method) || !isBelowApi(routeOf(request))) return next();
    const doer = actorOf(request);
    response.once('close', () => {
      const { statusCode: status, writableFinished } = response;
      const entry = (outcome: 'done' | 'failed', reason: Reason | null) =>
        accounts.record(auditEntry(doer, auditActionOf(request), outcome, reason));
      if (!writableFinished) return entry('failed', loginReason('caller-did-not-wait'));
      if (status >= 400) return entry('failed', loginReason('call-answered-with-status', { status }));
      entry('done', null);
    });
    next();
  };
}

/** The audit action of a call, whose route must be known already. */
export function auditActionOf(request: Request): AuditAction {
  const { method, params, query } = request;
  const body: { clientid?: unknown; [name: string]: unknown } =
    typeof request.body === 'object' && !Buffer.isBuffer(request.body) ? { ...request.body } : {};
  const told = TOLD.flatMap((name) =>
    typeof body[name] === 'string' ? [[name, body[name].slice(0, 500)]] : [],
  );
  const clientid = params.clientid ?? body.clientid;
  return withToken(restCaller(request)?.token, {
    action: ACTIONS[`${method} ${routeOf(request)}`] ?? 'rest.call',
    ...(typeof clientid === 'string' && { clientid }),
    ...(Array.isArray(body.clientids) && {
      clientids: body.clientids.filter((one) => typeof one === 'string'),
    }),
    detail: {
      call: callOf(request),
      ...(Object.keys(query).length > 0 && { query }),
      ...Object.fromEntries(told),
      ...(Array.isArray(body.clientids) && { clientids: body.clientids.slice(0, MAX_TOLD) }),
    },
  });
}

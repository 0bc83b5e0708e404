import { withToken } from '../../api/caller.js';
import type { Accounts, TokenCaller } from '../../manager/accounts/accounts.js';
import { auditEntry } from '../../manager/audit/audited.js';
import type { Reason } from '../../manager/shared/reason.js';
import { mayAct, missingRole, type Role } from '../../manager/shared/role.js';
import { CLOSE, type Refusal } from '../http/answers.js';
import { loginReason } from './login-reasons.js';
import { doerAt, nameRestCaller } from './rest-call.js';
import { roleOfCall } from './rest-role.js';

export const MISSING_TOKEN: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'The API token is missing: send the header "Authorization: Bearer TOKEN".',
  headers: { ...CLOSE, 'www-authenticate': 'Bearer' },
};
export const WRONG_TOKEN: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message:
    'The API token is wrong, or it has ended: it was printed at the first start, or is what TPE_API_TOKEN says, or was made on the dashboard.',
  headers: { ...CLOSE, 'www-authenticate': 'Bearer error="invalid_token"' },
};
export const NOT_YET: Refusal = {
  status: 503,
  code: 'UNAVAILABLE',
  message: 'The device manager is not open yet, and with it the list of tokens: try again in a moment.',
  headers: { ...CLOSE, 'retry-after': '5' },
};

/** A refusal with a reason that the audit takes. */
export interface ToldRefusal extends Refusal {
  message: Reason;
}

/** A call of REST, which needs an API token. */
export interface TokenCall {
  token: string | undefined;
  method: string;
  /** The route in lower case, or the path where the route is not known yet. */
  route: string;
  /** The role that the call needs according to REST's table; without it, the method and the route decide. */
  role?: Role | null | undefined;
  /** Method and path for the audit: `GET /api/device`. */
  call: string;
  /** IP address of the caller; empty if it is not known. */
  address: string;
}

/**
 * Creates the check of REST's callers, which reads nothing but memory. It returns null for the API token of this installation, even when
 * wrong tokens came from the same address, and for a personal token for REST whose role is sufficient; from then on, `restCaller` knows the caller
 * of `request`. A wrong token or an insufficient role is recorded in the audit.
 */
export function restRefusal(accounts: Accounts): (call: TokenCall, request: object) => Refusal | null {
  return ({ token, method, route, role, call, address }, request) => {
    if (token === undefined) return MISSING_TOKEN;
    const caller = accounts.callerWith(token);
    if (caller === 'not yet') return NOT_YET;
    const tried = { action: 'rest.call', detail: { call } };
    if (caller === null) {
      accounts.record(auditEntry(doerAt(null, address), tried, 'refused', loginReason('api-token-wrong')));
      const waitSeconds = accounts.wrongApiToken(address);
      return waitSeconds === 0 ? WRONG_TOKEN : tooManyTokens(waitSeconds);
    }
    const named = nameRestCaller(request, caller);
    const refusal = forScope(caller) ?? forRole(caller, role ?? roleOfCall(method, route));
    if (refusal === null) return null;
    accounts.record(
      auditEntry(doerAt(named, address), withToken(named.token, tried), 'refused', refusal.message),
    );
    return refusal;
  };
}

/** The refusal for a token that opens something else; null if it is for REST. */
function forScope({ scope }: Pick<TokenCaller, 'scope'>): ToldRefusal | null {
  if (scope === 'rest') return null;
  return { status: 403, code: 'FORBIDDEN', message: loginReason('token-of-wall'), headers: CLOSE };
}

/** The refusal for a caller whose role is not sufficient; null if it is. */
export function forRole({ role }: Pick<TokenCaller, 'role'>, needed: Role): ToldRefusal | null {
  if (mayAct(role, needed)) return null;
  return { status: 403, code: 'FORBIDDEN', message: missingRole(role, needed), headers: CLOSE };
}

/** The refusal for a caller who sent too many wrong tokens and has to wait `waitSeconds`. */
export function tooManyTokens(waitSeconds: number): Refusal {
  return {
    status: 429,
    code: 'BUSY',
    message: `Too many wrong API tokens came from your address: try again in ${waitSeconds} s.`,
    headers: { ...CLOSE, 'retry-after': String(waitSeconds) },
  };
}

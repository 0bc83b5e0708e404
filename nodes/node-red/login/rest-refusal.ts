import { withToken } from '../../api/caller.js';
import type { Accounts, TokenCaller } from '../../manager/accounts/accounts.js';
import { auditEntry } from '../../manager/audit/audited.js';
import { mayAct, missingRole, type Role } from '../../manager/shared/role.js';
import { CLOSE, type Refusal } from '../http/answers.js';
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
const NOT_YET: Refusal = {
  status: 503,
  code: 'UNAVAILABLE',
  message: 'The device manager is not open yet, and with it the list of tokens: try again in a moment.',
  headers: { ...CLOSE, 'retry-after': '5' },
};

/** A call of REST that has to have an API token. */
export interface TokenCall {
  token: string | undefined;
  method: string;
  /** Its route, or its path where that is not known yet, in small letters. */
  route: string;
  /** Which it takes, where the table of REST has told; undefined: by its method and route. */
  role?: Role | null | undefined;
  /** `GET /api/device`, for the audit. */
  call: string;
  /** IP address; an empty text where it is not known. */
  address: string;
}

/**
 * Makes the one check of callers of REST, which takes no more than a look into memory: null for who has the API token of this
 * installation, whatever else came from the same address, and for who has a personal one whose role is enough; who that is, `restCaller`
 * tells of `request` then. What was tried with a wrong token, or one that may not, is in the audit.
 */
export function restRefusal(accounts: Accounts): (call: TokenCall, request: object) => Refusal | null {
  return ({ token, method, route, role, call, address }, request) => {
    if (token === undefined) return MISSING_TOKEN;
    const caller = accounts.callerWith(token);
    if (caller === 'not yet') return NOT_YET;
    const tried = { action: 'rest.call', detail: { call } };
    if (caller === null) {
      accounts.record(auditEntry(doerAt(null, address), tried, 'refused', 'the API token is wrong'));
      const waitSeconds = accounts.wrongApiToken(address);
      return waitSeconds === 0 ? WRONG_TOKEN : tooManyTokens(waitSeconds);
    }
    const named = nameRestCaller(request, caller);
    const refusal = forRole(caller, role ?? roleOfCall(method, route));
    if (refusal === null) return null;
    accounts.record(
      auditEntry(doerAt(named, address), withToken(named.token, tried), 'refused', refusal.message),
    );
    return refusal;
  };
}

/** Null for a caller whose role is enough. */
export function forRole({ role }: Pick<TokenCaller, 'role'>, needed: Role): Refusal | null {
  if (mayAct(role, needed)) return null;
  return { status: 403, code: 'FORBIDDEN', message: missingRole(role, needed), headers: CLOSE };
}

/** What somebody hears who sent wrong tokens again and again. */
export function tooManyTokens(waitSeconds: number): Refusal {
  return {
    status: 429,
    code: 'BUSY',
    message: `Too many wrong API tokens came from your address: try again in ${waitSeconds} s.`,
    headers: { ...CLOSE, 'retry-after': String(waitSeconds) },
  };
}

import type { Accounts } from '../../manager/accounts/accounts.js';
import { entryOf } from '../../manager/audit/audited.js';
import { CLOSE, type Refusal } from '../http/answers.js';
import { callerAt } from './rest-call.js';

export const MISSING_TOKEN: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'The API token is missing: send the header "Authorization: Bearer TOKEN".',
  headers: { ...CLOSE, 'www-authenticate': 'Bearer' },
};
export const WRONG_TOKEN: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'The API token is wrong: it was printed at the first start, or is what TPE_API_TOKEN says.',
  headers: { ...CLOSE, 'www-authenticate': 'Bearer error="invalid_token"' },
};

/** A call of REST that has to have the API token. */
export interface TokenCall {
  token: string | undefined;
  /** `GET /api/device`, for the audit. */
  call: string;
  /** IP address; an empty text where it is not known. */
  address: string;
}

/**
 * Makes the one check of callers of REST: null for who has the API token, whatever else came from the same address. What was tried with
 * a wrong one is in the audit.
 */
export function restRefusal(accounts: Accounts): (call: TokenCall) => Refusal | null {
  return ({ token, call, address }) => {
    if (token === undefined) return MISSING_TOKEN;
    if (accounts.isApiToken(token)) return null;
    const tried = { action: 'rest.call', detail: { call } };
    accounts.record(entryOf(callerAt(address), tried, 'refused', 'the API token is wrong'));
    const waitSeconds = accounts.wrongApiToken(address);
    return waitSeconds === 0 ? WRONG_TOKEN : tooManyTokens(waitSeconds);
  };
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

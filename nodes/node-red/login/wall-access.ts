import type { Request } from 'express';
import { type Caller, withToken } from '../../api/caller.js';
import type { Account } from '../../manager/accounts/account.js';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { auditEntry } from '../../manager/audit/audited.js';
import type { Refusal } from '../http/answers.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { loginReason } from './login-reasons.js';
import { doerAt } from './rest-call.js';
import { NOT_YET, tooManyTokens } from './rest-refusal.js';

const SIGN_IN_FIRST: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'Sign in to the dashboard, or open the wall page with a token that was made for it.',
};
const WRONG_TOKEN: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'The token is wrong, or it was revoked, or it has expired: make another one for the wall page.',
};
const NOT_FOR_WALL: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  message: loginReason('token-of-rest'),
};

const ACTION = { action: 'wall.open' };

/**
 * Finds who looks at the wall page: by the token that a screen sends, which must be made for that page, or else by the session of the
 * dashboard. A token that is wrong or for something else is recorded in the audit. Reads memory only.
 */
export function wallCaller(accounts: Accounts, request: Request, account: Account | null): Caller | Refusal {
  const address = request.ip ?? '';
  const token = bearerTokenIn(request.headers);
  if (token === undefined) {
    if (account === null) return SIGN_IN_FIRST;
    const { id, name, role } = account;
    return caller({ id, name, role }, address);
  }
  const found = accounts.callerWith(token);
  if (found === 'not yet') return NOT_YET;
  if (found === null) {
    accounts.record(auditEntry(doerAt(null, address), ACTION, 'refused', loginReason('wall-token-wrong')));
    const waitSeconds = accounts.wrongApiToken(address);
    return waitSeconds === 0 ? WRONG_TOKEN : tooManyTokens(waitSeconds);
  }
  const { who, holder, role, scope } = found;
  const its = holder && { id: holder.tokenId, name: holder.tokenName };
  if (scope === 'wall')
    return {
      ...caller({ id: holder?.accountId ?? null, name: who, role }, address),
      ...(its && { token: its }),
    };
  const doer = doerAt({ who, accountId: holder?.accountId ?? null, role, token: its }, address);
  accounts.record(auditEntry(doer, withToken(its, ACTION), 'refused', loginReason('token-of-rest')));
  return NOT_FOR_WALL;
}

function caller({ id, name, role }: Pick<Caller, 'id' | 'name' | 'role'>, address: string): Caller {
  return {
    door: 'wall',
    ...{ id, name, role, address: address || null, requestedBy: `wall: ${name}` },
    ...{ hasLogin: true, isSignedIn: true, ownPassword: null },
  };
}

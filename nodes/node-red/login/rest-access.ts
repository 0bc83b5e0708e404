import type { Caller } from '../../api/caller.js';
import { createSignInLimiter } from '../../manager/accounts/sign-in-limiter.js';
import { CLOSE, type Refusal } from '../http/answers.js';
import { requestedWith, restCaller } from './rest-call.js';
import { MISSING_TOKEN, type TokenCall, tooManyTokens, WRONG_TOKEN } from './rest-refusal.js';

/** Who calls REST, by the token that came with the call; or why nobody is served. `request` is the one that it came with. */
export type RestAccess = (call: TokenCall, request: object) => Caller | Refusal;

/** Where our settings.js made the accounts: `refusalOf` is their check, which notes who has the token. */
export function restAccess(refusalOf: (call: TokenCall, request: object) => Refusal | null): RestAccess {
  return (call, request) => {
    const refusal = refusalOf(call, request);
    if (refusal !== null) return refusal;
    const caller = restCaller(request);
    if (caller === null || caller.token === null) return apiTokenAt(call.address);
    const { who, accountId, role, token } = caller;
    return {
      ...apiTokenAt(call.address),
      ...{ id: accountId, name: who, role, token },
      requestedBy: requestedWith('REST', caller),
    };
  };
}

const NO_TOKEN: Refusal = {
  ...MISSING_TOKEN,
  message:
    'This Node-RED has no API token: set TPE_API_TOKEN, or name a file that has it in TPE_API_TOKEN_FILE.',
};

const UNREADABLE: Refusal = {
  status: 503,
  code: 'UNAVAILABLE',
  message: 'The API token of this Node-RED cannot be read: look at what TPE_API_TOKEN_FILE names.',
  headers: { ...CLOSE, 'retry-after': '60' },
};

/** In a Node-RED with other settings: by the one token that its environment gives; null: it gives none, and nobody is served. */
export function tokenAccess(isApiToken: () => ((token: string) => boolean) | null): RestAccess {
  const limiter = createSignInLimiter();
  let known: { check: ((token: string) => boolean) | null } | undefined;
  return ({ token, address }) => {
    try {
      known ??= { check: isApiToken() };
    } catch {
      return UNREADABLE;
    }
    const { check } = known;
    if (check === null) return NO_TOKEN;
    if (token === undefined) return MISSING_TOKEN;
    if (check(token)) return apiTokenAt(address);
    const waitSeconds = limiter.wrongToken(address);
    return waitSeconds === 0 ? WRONG_TOKEN : tooManyTokens(waitSeconds);
  };
}

/** Who has the API token is an administrator. */
function apiTokenAt(address: string): Caller {
  return {
    id: null,
    name: 'API token',
    role: 'administrator',
    address: address || null,
    requestedBy: 'REST',
    hasLogin: true,
    isSignedIn: true,
    ownPassword: null,
  };
}

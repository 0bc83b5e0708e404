import type { Caller } from '../../api/caller.js';
import { createSignInLimiter } from '../../manager/accounts/sign-in-limiter.js';
import { CLOSE, type Refusal } from '../http/answers.js';
import { requestedWith, restCaller } from './rest-call.js';
import { MISSING_TOKEN, type TokenCall, tooManyTokens, WRONG_TOKEN } from './rest-refusal.js';

/** Finds the caller of REST by the token of the call, or says why the call is refused. `request` is the HTTP request of the call. */
export type RestAccess = (call: TokenCall, request: object) => Caller | Refusal;

/**
 * The access in a Node-RED with our settings.js, which opens the accounts. `refusalOf` is the check of the accounts, which also notes whose
 * token it is.
 */
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

/**
 * The access in a Node-RED with other settings: only the token from its environment counts. `isApiToken` returns null when the environment
 * has none, and then every call is refused. It throws when the token's file cannot be read, and then every call gets a 503.
 */
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

/** The caller who has the API token of this installation, which makes an administrator. */
function apiTokenAt(address: string): Caller {
  return {
    id: null,
    name: 'API token',
    role: 'administrator',
    address: address || null,
    door: 'rest',
    requestedBy: 'REST',
    hasLogin: true,
    isSignedIn: true,
    ownPassword: null,
  };
}

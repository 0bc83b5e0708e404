import type { Request, RequestHandler, Response } from 'express';
import type { Account } from '../../manager/accounts/account.js';
import type { Accounts, SignedIn } from '../../manager/accounts/accounts.js';
import { auditEntry } from '../../manager/audit/audited.js';
import type { Reason } from '../../manager/shared/reason.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { formOf } from '../http/request-form.js';
import { isObject } from '../runtime/message-values.js';
import { loginReason } from './login-reasons.js';

/** Node-RED routes by Express, which accepts a route in any case and with a slash at its end. */
const SIGN_IN = /^\/auth\/token\/?$/i;
const SIGN_OUT = /^\/auth\/revoke\/?$/i;
/** The values of `client_id` that Node-RED knows. */
const CLIENTS: ReadonlySet<string> = new Set(['node-red-editor', 'node-red-admin']);
const MAX_SCOPE_LENGTH = 200;
const SWEEP_MS = 30_000;

/** A user of the editor, in the form that Node-RED expects. */
interface EditorUser {
  username: string;
  permissions: string;
  /** For the audit. */
  accountId: string;
}

export interface EditorLogin {
  /** Value of the setting `adminAuth`. */
  adminAuth: object;
  /** Signs in and out of the editor. Goes into the setting `httpAdminMiddleware`. */
  middleware: RequestHandler;
}

/** What the editor's login needs in addition to the accounts. */
export interface EditorSockets {
  /** Closes the WebSockets of all editors. Those that are still signed in reconnect by themselves. */
  closeAll(): void;
}

/**
 * Creates the editor's login. It uses the same accounts and passwords as the dashboard, and admits administrators only. The tokens are our
 * own sessions, which are checked on every request: Node-RED's own tokens would stay valid after a change of the password, and Node-RED
 * limits attempts by the spelling of a name, whoever makes them. Therefore `/auth/token` is answered here, and Node-RED itself admits
 * nobody.
 */
export function editorLogin(accounts: Accounts, sockets: EditorSockets): EditorLogin {
  const used = watchTokens(accounts, sockets);
  const adminAuth = {
    type: 'credentials',
    // Without `authenticate`, Node-RED compares with the password of a user that it gets here, and it gets none.
    users: async () => null,
    tokens: async (token: unknown) => {
      const found = typeof token === 'string' ? administratorOf(accounts, token) : null;
      if (found === null) return null;
      used.add(String(token));
      return editorUser(found);
    },
  };

  const record = (request: Request, who: string, account: Account | null, reason: Reason | null) =>
    accounts.record(
      auditEntry(
        { who, accountId: account?.id ?? null, role: account?.role ?? null, address: request.ip ?? null },
        { action: 'editor.login' },
        reason === null ? 'done' : 'refused',
        reason,
      ),
    );

  const signIn = async (request: Request, response: Response) => {
    const form = await formOf(request);
    if (form === null) return refuse(response, 413, 'invalid_request', 'the form is too long');
    const user = form.get('username') ?? '';
    const scope = form.get('scope') || '*';
    if (!CLIENTS.has(form.get('client_id') ?? '')) {
      return refuse(response, 401, 'invalid_client', 'client_id is unknown');
    }
    const fault = faultIn(form, scope);
    if (fault !== null) return refuse(response, 400, 'invalid_request', fault);
    const result = await accounts.logIn(user, form.get('password') ?? '', request.ip ?? '', 'editor');
    if (result.outcome === 'wait') {
      response.set('Retry-After', String(result.seconds));
      return refuse(response, 429, 'slow_down', `too many attempts: try again in ${result.seconds} s`);
    }
    if (result.outcome === 'refused') {
      const reason = loginReason('wrong-user-or-password');
      record(request, user, null, reason);
      return refuse(response, 403, 'invalid_grant', reason.text);
    }
    const { account } = result;
    if (account.role !== 'administrator') {
      const reason = loginReason('editor-needs-administrator');
      record(request, account.name, account, reason);
      return refuse(response, 403, 'invalid_grant', reason.text);
    }
    record(request, account.name, account, null);
    const { token, session } = accounts.startSession(result, 'editor', scope);
    const seconds = Math.floor((session.expiresAt - Date.now()) / 1000);
    return response
      .set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' })
      .json({ access_token: token, expires_in: seconds, token_type: 'Bearer' });
  };

  const middleware: RequestHandler = (request, response, next) => {
    if (request.method !== 'POST') return next();
    if (SIGN_OUT.test(request.path)) {
      // Node-RED answers this request, but does not know the session.
      response.once('finish', () => {
        if (response.statusCode < 400) accounts.endSession(revokedBy(request), 'editor');
      });
      return next();
    }
    if (!SIGN_IN.test(request.path)) return next();
    signIn(request, response).catch((error: unknown) => {
      if (!(error instanceof TpeError)) console.error('A login to the editor failed:', error);
      refuse(response, 503, 'temporarily_unavailable', messageOf(error));
    });
  };

  return { adminAuth, middleware };
}

/**
 * Closes the sockets of all editors when a token in use is no longer valid, because Node-RED checks the token of a socket only when it
 * opens.
 */
function watchTokens(accounts: Accounts, sockets: EditorSockets): Set<string> {
  const used = new Set<string>();
  const sweep = () => {
    const over = [...used].filter((token) => administratorOf(accounts, token) === null);
    for (const token of over) used.delete(token);
    if (over.length > 0) sockets.closeAll();
  };
  accounts.onChange(sweep);
  // No change of an account announces that a session has expired.
  setInterval(sweep, SWEEP_MS).unref();
  return used;
}

/** The token that the body names, as the editor sends it; otherwise the token that authenticates the request. */
function revokedBy({ body, headers }: Request): string | undefined {
  const named: unknown = isObject(body) ? body.token : undefined;
  return typeof named === 'string' && named !== '' ? named : bearerTokenIn(headers);
}

function administratorOf(accounts: Accounts, token: string): SignedIn | null {
  const found = accounts.signedIn(token, 'editor');
  return found?.account.role === 'administrator' ? found : null;
}

function editorUser({ account, session }: SignedIn): EditorUser {
  return { username: account.name, permissions: session.scope ?? '*', accountId: account.id };
}

/** What is wrong with a request for a token; null if nothing is. */
function faultIn(form: URLSearchParams, scope: string): string | null {
  if (form.get('grant_type') !== 'password') return 'grant_type must be "password"';
  if (scope.length > MAX_SCOPE_LENGTH) return 'scope is too long';
  return null;
}

function refuse(response: Response, status: number, error: string, description: string): void {
  response.status(status).json({ error, error_description: description });
}

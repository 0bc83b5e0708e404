import type { Request, RequestHandler, Response } from 'express';
import type { Account } from '../../manager/accounts/account.js';
import type { Accounts, SignedIn } from '../../manager/accounts/accounts.js';
import { auditEntry } from '../../manager/audit/audited.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { bearerTokenIn } from '../http/bearer-token.js';
import { formOf } from '../http/request-form.js';
import { isObject } from '../runtime/message-values.js';

/** Express, which Node-RED routes by, takes a route in any case and with a slash behind it. */
const SIGN_IN = /^\/auth\/token\/?$/i;
const SIGN_OUT = /^\/auth\/revoke\/?$/i;
/** Who asks for tokens; Node-RED knows these two. */
const CLIENTS: ReadonlySet<string> = new Set(['node-red-editor', 'node-red-admin']);
const MAX_SCOPE_LENGTH = 200;
const SWEEP_MS = 30_000;

/** What Node-RED takes for a user of the editor. */
interface EditorUser {
  username: string;
  permissions: string;
  /** For the audit. */
  accountId: string;
}

export interface EditorLogin {
  /** The setting `adminAuth`. */
  adminAuth: object;
  /** Goes into the setting `httpAdminMiddleware`: the sign-in and the sign-out of the editor. */
  middleware: RequestHandler;
}

/** What the editor's login needs beside the people. */
export interface EditorSockets {
  /** Closes the WebSockets of all editors; each that is signed in comes back by itself. */
  closeAll(): void;
}

/**
 * The editor's login: the same people and passwords as everywhere, of whom administrators may come in. Tokens are sessions of ours, looked
 * at anew with each request: Node-RED's own would outlive a new password, and it limits the tries of each spelling of a name, whoever
 * tries. So `/auth/token` is answered here, and Node-RED by itself lets nobody in.
 */
export function editorLogin(accounts: Accounts, sockets: EditorSockets): EditorLogin {
  const used = watchTokens(accounts, sockets);
  const adminAuth = {
    type: 'credentials',
    // Without an `authenticate` Node-RED compares with the password of a user, and there is none.
    users: async () => null,
    tokens: async (token: unknown) => {
      const found = typeof token === 'string' ? administratorOf(accounts, token) : null;
      if (found === null) return null;
      used.add(String(token));
      return editorUser(found);
    },
  };

  const record = (request: Request, who: string, account: Account | null, reason: string | null) =>
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
      record(request, user, null, 'wrong user or password');
      return refuse(response, 403, 'invalid_grant', 'wrong user or password');
    }
    const { account } = result;
    if (account.role !== 'administrator') {
      const reason = 'only administrators may open the editor';
      record(request, account.name, account, reason);
      return refuse(response, 403, 'invalid_grant', reason);
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
      // Node-RED answers, and has no session of its own to end.
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

/** Closes the sockets of editors when one of the tokens that were used is good no more. Node-RED asks once for a socket, when it opens. */
function watchTokens(accounts: Accounts, sockets: EditorSockets): Set<string> {
  const used = new Set<string>();
  const sweep = () => {
    const over = [...used].filter((token) => administratorOf(accounts, token) === null);
    for (const token of over) used.delete(token);
    if (over.length > 0) sockets.closeAll();
  };
  accounts.onChange(sweep);
  // Sessions also end by their time.
  setInterval(sweep, SWEEP_MS).unref();
  return used;
}

/** The token that is named, as the editor does; else the one that is used. */
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

/** What is wrong with a request for a token; null where nothing is. */
function faultIn(form: URLSearchParams, scope: string): string | null {
  if (form.get('grant_type') !== 'password') return 'grant_type must be "password"';
  if (scope.length > MAX_SCOPE_LENGTH) return 'scope is too long';
  return null;
}

function refuse(response: Response, status: number, error: string, description: string): void {
  response.status(status).json({ error, error_description: description });
}

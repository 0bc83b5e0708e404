import type { Request, RequestHandler, Response } from 'express';
import type { Account, Admitted } from '../../manager/accounts/account.js';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { auditEntry } from '../../manager/audit/audited.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { printable } from '../../manager/shared/printable.js';
import type { Reason } from '../../manager/shared/reason.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { publicAddress } from '../http/public-address.js';
import { relativeReference } from '../http/relative-location.js';
import { formOf } from '../http/request-form.js';
import { callerReader } from '../runtime/caller.js';
import { withOwnAddress } from './dashboard-page.js';
import { guardSockets, type SocketGuard } from './dashboard-sockets.js';
import { LARGEST_MESSAGE } from './largest-message.js';
import { type LoginForm, sendLoginPage, sendLogoutPage } from './login-page.js';
import { loginReason } from './login-reasons.js';
import { timeIn, wordsFor } from './login-words.js';
import type { OpenIdSignIn } from './openid-sign-in.js';
import { providerPages } from './provider-pages.js';
import { cookieIn, noSessionCookie, sessionCookie, sessionCookieName } from './session-cookie.js';
import { wallPages } from './wall-pages.js';

// The addresses end with a slash because the dashboard's service worker leaves those to the server. It may answer other pages below the
// dashboard from its cache.
const LOGIN = '/login/';
const LOGOUT = '/logout/';
const OPENID = '/login/openid/';
const CALLBACK = '/login/openid/callback/';
const OWN_PAGES = [LOGIN, LOGOUT, OPENID, CALLBACK];
/** Largest length of the address to open after signing in. The address may travel in a cookie, and browsers keep 4 kB of one. */
const MAX_TARGET_LENGTH = 1000;

/** Value of Node-RED's setting `dashboard`. */
export interface DashboardGuard {
  middleware: RequestHandler;
  ioMiddleware: SocketGuard['middleware'];
  /** Largest message of a browser, bytes. It can be small because files of gateways come in parts. */
  maxHttpBufferSize: number;
}

/**
 * Guards the whole dashboard (pages, assets and sockets) with one session cookie. The guard also serves the pages to sign in and out, at
 * login/ and logout/ below the path at which the dashboard is mounted. `port` is the port of Node-RED and part of the cookie's name,
 * `openId` is null without OpenID Connect, `addressOf` returns the IP address of a socket's caller, `address` says how browsers reach
 * this Node-RED, and `manager` returns the open manager for the wall page; it rejects while there is none.
 */
export function dashboardLogin(
  accounts: Accounts,
  port: number,
  openId: OpenIdSignIn | null = null,
  addressOf = callerReader(undefined),
  address = publicAddress(undefined, () => false),
  manager = noManager,
): DashboardGuard {
  const cookieName = sessionCookieName(port);
  const scopeOf = (request: Request) => ({ path: address.pathOf(request), isSecure: isSecure(request) });
  const accountOf = (request: Pick<Request, 'headers'>) =>
    accounts.signedIn(cookieIn(request.headers, cookieName), 'dashboard')?.account ?? null;
  const sockets = guardSockets({
    accountOf: (headers) => accountOf({ headers }),
    addressOf,
    isOwnPage: address.isOwnPage,
    ownPassword: (headers, address) => ({
      place: () => {
        const account = accountOf({ headers });
        return account === null ? 'elsewhere' : accounts.passwordPlace(account);
      },
      change: (passwords) => accounts.changePassword(cookieIn(headers, cookieName), passwords, address),
    }),
    onRefused: (account, address, detail) => recordForbidden(accounts, account, address, detail),
  });
  accounts.onChange(sockets.sweep);

  const record = recorderOf(accounts);
  const wall = wallPages(accounts, manager);

  const signIn = async (request: Request, response: Response) => {
    const form = await formOf(request);
    const user = form?.get('user') ?? '';
    const words = wordsFor(request);
    const refuse = (status: number, page: LoginForm) => sendForm(request, response, status, page);
    if (!form) return refuse(413, { fault: words.tooLong });
    if (!address.isOwnPage(request)) {
      return refuse(403, { fault: words.otherSite, user });
    }
    const result = await accounts.logIn(user, form.get('password') ?? '', request.ip ?? '', 'dashboard');
    if (result.outcome === 'refused') {
      record(request, 'login', { name: user, role: null }, loginReason('wrong-user-or-password'));
      return refuse(401, { fault: words.wrong, user });
    }
    if (result.outcome === 'wait') {
      response.set('Retry-After', String(result.seconds));
      return refuse(429, { fault: words.wait(timeIn(words, result.seconds)), user });
    }
    begin(request, response, result, targetOf(request));
  };

  const begin = (request: Request, response: Response, admitted: Admitted, target: string) => {
    record(request, 'login', admitted.account);
    const { token, session } = accounts.startSession(admitted, 'dashboard');
    response
      .append('Set-Cookie', sessionCookie(cookieName, token, session.expiresAt, scopeOf(request)))
      .redirect(303, target);
  };

  const sendForm = (request: Request, response: Response, status: number, form: LoginForm = {}) => {
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const href = relativeReference(request.originalUrl, `${request.baseUrl}${OPENID}${query}`);
    sendLoginPage(response, wordsFor(request), status, {
      ...form,
      external: openId ? { label: openId.label, href } : undefined,
    });
  };

  const pages =
    openId &&
    providerPages({
      openId,
      cookieName: `${cookieName}_openid`,
      scopeOf,
      begin,
      callback: CALLBACK,
      targetOf,
    });

  const byProvider = (page: string, request: Request, response: Response) => {
    if (pages === null || openId === null)
      return sendForm(request, response, 404, { fault: wordsFor(request).noOtherWay });
    const work = page === OPENID ? pages.go : pages.comeBack;
    work(request, response).catch((error: unknown) => {
      if (!(error instanceof TpeError)) return sayBroken(request, response, error);
      record(request, 'login', { name: openId.label, role: null }, error.reason);
      sendForm(request, response, error.code === 'UNAVAILABLE' ? 503 : 403, { fault: error.message });
    });
  };

  const signOut = (request: Request, response: Response) => {
    if (!address.isOwnPage(request)) return response.sendStatus(403);
    const account = accountOf(request);
    if (account) record(request, 'logout', account);
    accounts.endSession(cookieIn(request.headers, cookieName), 'dashboard');
    return response
      .set('Set-Cookie', noSessionCookie(cookieName, scopeOf(request)))
      .redirect(303, `${request.baseUrl}${LOGIN}`);
  };

  const middleware: RequestHandler = (request, response, next) => {
    const account = accountOf(request);
    if (wall(request, response, account)) return;
    const page = pageOf(request);
    if (page === LOGIN && request.method === 'POST') {
      return void signIn(request, response).catch((error: unknown) => sayBroken(request, response, error));
    }
    if (!account && page === LOGIN) return sendForm(request, response, 200);
    if (!account && (page === OPENID || page === CALLBACK)) return byProvider(page, request, response);
    if (!account) return refuseGuest(request, response);
    if (page !== null && page !== LOGOUT) return response.redirect(303, targetOf(request));
    if (page === LOGOUT && request.method === 'POST') return void signOut(request, response);
    if (page === LOGOUT) return sendLogoutPage(response, wordsFor(request), account.name);
    const plain = withoutSlash(request);
    if (plain !== null) return response.redirect(301, plain);
    withOwnAddress(request, response);
    return next();
  };

  return { middleware, ioMiddleware: sockets.middleware, maxHttpBufferSize: LARGEST_MESSAGE };
}

async function noManager(): Promise<DeviceManager> {
  throw new TpeError('UNAVAILABLE', 'The device manager is not open.');
}

/** Writes to the audit that a viewer tried to act. */
function recordForbidden(
  accounts: Accounts,
  { id, name, role }: Account,
  address: string,
  detail: Record<string, unknown>,
): void {
  const action = { action: 'dashboard.forbidden', detail };
  const who = { who: name, accountId: id, role, address };
  accounts.record(auditEntry(who, action, 'refused', loginReason('viewer-may-not-act')));
}

/** Creates the function that writes to the audit who signed in or out, or why that was refused. */
function recorderOf(accounts: Accounts) {
  return (
    request: Request,
    action: string,
    { id, name, role }: { id?: string; name: string; role: Account['role'] | null },
    reason: Reason | null = null,
  ) =>
    accounts.record(
      auditEntry(
        { who: name, accountId: id ?? null, role, address: request.ip ?? null },
        { action },
        reason === null ? 'done' : 'refused',
        reason,
      ),
    );
}

/** The page of this guard that a request asks for; null for a page of the dashboard. */
function pageOf(request: Request): string | null {
  const path = request.path.endsWith('/') ? request.path : `${request.path}/`;
  return OWN_PAGES.find((page) => page === path) ?? null;
}

/**
 * The address to redirect to when the path ends with slashes; null when it does not. Dashboard 2 redirects too, but to an address without
 * the path of `httpNodeRoot`.
 */
function withoutSlash({ method, path, baseUrl, url }: Request): string | null {
  if (!['GET', 'HEAD'].includes(method) || !/[^/]\/+$/.test(path)) return null;
  return `${baseUrl}${path.replace(/\/+$/, '').replaceAll(/\/+/g, '/')}${url.slice(path.length)}`;
}

/** Redirects a browser to the login page, and answers 401 to any other program. */
function refuseGuest(request: Request, response: Response): void {
  response.set('Cache-Control', 'no-store');
  const isPerson = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  if (!isPerson) return void response.status(401).json({ error: 'Sign in to the dashboard first.' });
  const next = encodeURIComponent(request.originalUrl);
  response.redirect(302, `${request.baseUrl}${LOGIN}?next=${next}`);
}

/** The address to open after signing in: the requested one if it is a page of this dashboard, else the dashboard's first page. */
function targetOf(request: Request): string {
  // With the slash at the end, relative addresses stay below the dashboard, wherever a proxy mounts it.
  const home = `${request.baseUrl}/`;
  const asked = request.query.next;
  if (typeof asked !== 'string' || !asked.startsWith('/') || asked.length > MAX_TARGET_LENGTH) return home;
  try {
    const here = 'http://here.invalid';
    const url = new URL(asked, here);
    const isBelow = url.pathname === request.baseUrl || url.pathname.startsWith(home);
    const isOwn = OWN_PAGES.some((page) => url.pathname.endsWith(page));
    return url.origin === here && isBelow && !isOwn ? `${url.pathname}${url.search}` : home;
  } catch {
    return home;
  }
}

/** Trusts the header of a proxy that ends TLS. A caller who forges the header only makes the own browser drop the cookie. */
function isSecure(request: Request): boolean {
  return request.secure || request.headers['x-forwarded-proto'] === 'https';
}

function sayBroken(request: Request, response: Response, error: unknown): void {
  const words = wordsFor(request);
  if (error instanceof TpeError) return sendLoginPage(response, words, 503, { fault: error.message });
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(printable(`A login to the dashboard failed: ${fault}`));
  sendLoginPage(response, words, 500, { fault: words.notStored });
}

import type { Request, RequestHandler, Response } from 'express';
import type { Account } from '../../manager/accounts/account.js';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { entryOf } from '../../manager/accounts/recorded.js';
import { printable } from '../../manager/printable.js';
import { TpeError } from '../../manager/tpe-error.js';
import { callerReader } from '../caller.js';
import { guardSockets, type SocketGuard } from './dashboard-sockets.js';
import { type LoginForm, sendLoginPage, sendLogoutPage } from './login-page.js';
import { timeIn, wordsFor } from './login-words.js';
import type { OpenIdSignIn } from './openid-sign-in.js';
import { formOf } from './request-form.js';
import { isSameOrigin } from './same-origin.js';
import { cookieIn, noSessionCookie, sessionCookie, sessionCookieName } from './session-cookie.js';

// With a slash at the end: the dashboard's service worker leaves such addresses to the server, while other pages below
// the dashboard it may answer from its cache.
const LOGIN = '/login/';
const LOGOUT = '/logout/';
const OPENID = '/login/openid/';
const CALLBACK = '/login/openid/callback/';
const OWN_PAGES = [LOGIN, LOGOUT, OPENID, CALLBACK];
const LARGEST_MESSAGE = 6_000_000;
/** How long a sign-in elsewhere may take, ms. */
const OPENID_MS = 10 * 60_000;

/** What the setting `dashboard` of Node-RED takes. */
export interface DashboardGuard {
  middleware: RequestHandler;
  ioMiddleware: SocketGuard['middleware'];
  /** Bytes of one message: files of gateways come whole. */
  maxHttpBufferSize: number;
}

/**
 * Guards all of the dashboard, its pages, assets and sockets, with one session cookie. The pages to sign in and out are
 * part of the guard, at login/ and logout/ below the dashboard, wherever that is mounted. `port` is Node-RED's, `addressOf` reads the address of a socket's caller.
 */
export function dashboardLogin(
  accounts: Accounts,
  port: number,
  openId: OpenIdSignIn | null = null,
  addressOf = callerReader(undefined),
): DashboardGuard {
  const cookieName = sessionCookieName(port);
  const openIdCookie = `${cookieName}_openid`;
  const cookieOf = (request: Request) => cookieIn(request.headers, cookieName);
  const sockets = guardSockets({
    accountOf: (headers) => accounts.accountOf(cookieIn(headers, cookieName)),
    addressOf,
    onRefused: ({ name, role }, address, detail) =>
      accounts.record(
        entryOf(
          { who: name, role, address },
          { action: 'dashboard.forbidden', detail },
          'refused',
          'a viewer may look, and not act',
        ),
      ),
  });
  accounts.onChange(sockets.sweep);

  const record = (
    request: Request,
    action: string,
    { name, role }: { name: string; role: Account['role'] | null },
    reason: string | null = null,
  ) =>
    accounts.record(
      entryOf(
        { who: name, role, address: request.ip ?? null },
        { action },
        reason === null ? 'done' : 'refused',
        reason,
      ),
    );

  const signIn = async (request: Request, response: Response) => {
    const form = await formOf(request);
    const user = form?.get('user') ?? '';
    const words = wordsFor(request);
    const refuse = (status: number, page: LoginForm) => sendForm(request, response, status, page);
    if (!form) return refuse(413, { fault: words.tooLong });
    if (!isSameOrigin(request.headers)) {
      return refuse(403, { fault: words.otherSite, user });
    }
    const result = await accounts.logIn(user, form.get('password') ?? '', request.ip ?? '');
    if (result.outcome === 'refused') {
      record(request, 'login', { name: user, role: null }, 'wrong user or password');
      return refuse(401, { fault: words.wrong, user });
    }
    if (result.outcome === 'wait') {
      response.set('Retry-After', String(result.seconds));
      return refuse(429, { fault: words.wait(timeIn(words, result.seconds)), user });
    }
    letIn(request, response, result.account, targetOf(request));
  };

  const letIn = (request: Request, response: Response, account: Account, target: string) => {
    record(request, 'login', account);
    const { cookie, session } = accounts.sessions.start(account.name);
    response
      .append('Set-Cookie', sessionCookie(cookieName, cookie, session.expiresAt, isSecure(request)))
      .redirect(303, target);
  };

  const sendForm = (request: Request, response: Response, status: number, form: LoginForm = {}) => {
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const href = `${request.baseUrl}${OPENID}${query}`;
    sendLoginPage(response, wordsFor(request), status, {
      ...form,
      external: openId ? { label: openId.label, href } : undefined,
    });
  };

  const goToProvider = async (provider: OpenIdSignIn, request: Request, response: Response) => {
    const { url, state } = await provider.begin(`${request.baseUrl}${CALLBACK}`, targetOf(request));
    response
      .set('Set-Cookie', sessionCookie(openIdCookie, state, Date.now() + OPENID_MS, isSecure(request)))
      .redirect(302, url);
  };

  const comeFromProvider = async (provider: OpenIdSignIn, request: Request, response: Response) => {
    const { search } = new URL(request.url, 'http://here.invalid');
    const state = cookieIn(request.headers, openIdCookie);
    const { account, next } = await provider.finish(`${request.baseUrl}${CALLBACK}`, search, state);
    response.append('Set-Cookie', noSessionCookie(openIdCookie, isSecure(request)));
    letIn(request, response, account, next);
  };

  const byProvider = (page: string, request: Request, response: Response) => {
    if (openId === null) return sendForm(request, response, 404, { fault: wordsFor(request).noOtherWay });
    const work = page === OPENID ? goToProvider : comeFromProvider;
    work(openId, request, response).catch((error: unknown) => {
      if (!(error instanceof TpeError)) return sayBroken(request, response, error);
      record(request, 'login', { name: openId.label, role: null }, error.message);
      sendForm(request, response, error.code === 'UNAVAILABLE' ? 503 : 403, { fault: error.message });
    });
  };

  const signOut = (request: Request, response: Response) => {
    if (!isSameOrigin(request.headers)) return response.sendStatus(403);
    const account = accounts.accountOf(cookieOf(request));
    if (account) record(request, 'logout', account);
    accounts.sessions.end(cookieOf(request));
    sockets.sweep();
    return response
      .set('Set-Cookie', noSessionCookie(cookieName, isSecure(request)))
      .redirect(303, `${request.baseUrl}${LOGIN}`);
  };

  const middleware: RequestHandler = (request, response, next) => {
    const account = accounts.accountOf(cookieOf(request));
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
    return next();
  };

  return { middleware, ioMiddleware: sockets.middleware, maxHttpBufferSize: LARGEST_MESSAGE };
}

/** Which of the guard's own pages is asked for; null for a page of the dashboard. */
function pageOf(request: Request): string | null {
  const path = request.path.endsWith('/') ? request.path : `${request.path}/`;
  return OWN_PAGES.find((page) => page === path) ?? null;
}

/** A person is sent to the login, a program is told. */
function refuseGuest(request: Request, response: Response): void {
  response.set('Cache-Control', 'no-store');
  const isPerson = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  if (!isPerson) return void response.status(401).json({ error: 'Sign in to the dashboard first.' });
  const next = encodeURIComponent(request.originalUrl);
  response.redirect(302, `${request.baseUrl}${LOGIN}?next=${next}`);
}

/** Where to go after signing in: what was asked for, when that is a page of this dashboard. */
function targetOf(request: Request): string {
  const home = request.baseUrl || '/';
  const asked = request.query.next;
  if (typeof asked !== 'string' || !asked.startsWith('/')) return home;
  try {
    const here = 'http://here.invalid';
    const url = new URL(asked, here);
    const isBelow = url.pathname === home || url.pathname.startsWith(`${request.baseUrl}/`);
    const isOwn = OWN_PAGES.some((page) => url.pathname.endsWith(page));
    return url.origin === here && isBelow && !isOwn ? `${url.pathname}${url.search}` : home;
  } catch {
    return home;
  }
}

/** A proxy that ends TLS says so; who forges it only makes the own browser drop the cookie. */
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

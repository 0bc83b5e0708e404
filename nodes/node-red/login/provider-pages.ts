import type { Request, Response } from 'express';
import type { Admitted } from '../../manager/accounts/account.js';
import type { OpenIdSignIn } from './openid-sign-in.js';
import { cookieIn, noSessionCookie, sessionCookie } from './session-cookie.js';

export interface ProviderPagesOptions {
  openId: OpenIdSignIn;
  /** Of the cookie that lasts from leaving to coming back. */
  cookieName: string;
  scopeOf(request: Request): Parameters<typeof noSessionCookie>[1];
  /** Begins the session of who came back, and leads to where that person wanted to go. */
  begin(request: Request, response: Response, admitted: Admitted, target: string): void;
  /** The page to come back to, below the dashboard. */
  callback: string;
  targetOf(request: Request): string;
}

/** The two pages of the sign-in by OpenID Connect: to the provider, and back from it. Both reject as OpenIdSignIn does. */
export function providerPages({
  openId,
  cookieName,
  scopeOf,
  begin,
  callback,
  targetOf,
}: ProviderPagesOptions) {
  const go = async (request: Request, response: Response) => {
    const { url, sealed, expiresAt } = await openId.begin(`${request.baseUrl}${callback}`, targetOf(request));
    response
      .set('Set-Cookie', sessionCookie(cookieName, sealed, expiresAt, scopeOf(request)))
      .redirect(302, url);
  };

  const comeBack = async (request: Request, response: Response) => {
    const { search } = new URL(request.url, 'http://here.invalid');
    const sealed = cookieIn(request.headers, cookieName);
    if (sealed !== undefined) {
      response.append('Set-Cookie', noSessionCookie(cookieName, scopeOf(request)));
    }
    const { admitted, next } = await openId.finish(`${request.baseUrl}${callback}`, search, sealed);
    begin(request, response, admitted, next);
  };

  return { go, comeBack };
}

import type { Request, Response } from 'express';
import type { Admitted } from '../../manager/accounts/account.js';
import type { OpenIdSignIn } from './openid-sign-in.js';
import { cookieIn, noSessionCookie, sessionCookie } from './session-cookie.js';

export interface ProviderPagesOptions {
  openId: OpenIdSignIn;
  /** Name of the cookie that holds the sign-in while the person is at the provider. */
  cookieName: string;
  scopeOf(request: Request): Parameters<typeof noSessionCookie>[1];
  /** Starts the session of the person who came back, and redirects to `target`. */
  begin(request: Request, response: Response, admitted: Admitted, target: string): void;
  /** Path below the dashboard that the provider sends the browser back to. */
  callback: string;
  targetOf(request: Request): string;
}

/**
 * The two pages of the sign-in by OpenID Connect: `go` redirects to the provider, `comeBack` handles the return. Both reject as
 * OpenIdSignIn does.
 */
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

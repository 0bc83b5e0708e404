import type { IncomingHttpHeaders } from 'node:http';

/**
 * Name of the session cookie. Browsers send a cookie to every port of a host, so the port in the name keeps two installations on one host
 * apart.
 */
export function sessionCookieName(port: number): string {
  return `tpedm_session_${port}`;
}

/** The value of the named cookie in a request's headers; undefined if there is none. */
export function cookieIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [key, ...value] = pair.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return undefined;
}

/** The requests for which a browser sends a cookie. */
export interface CookieScope {
  /** Path as the browser knows it, which keeps two installations on one host apart. */
  path: string;
  /** Whether the browser sends the cookie over TLS only. */
  isSecure: boolean;
}

/** A Set-Cookie value that the browser keeps until `expiresAt`, ms since the epoch. */
export function sessionCookie(name: string, value: string, expiresAt: number, scope: CookieScope): string {
  const seconds = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
  return [`${name}=${value}`, `Max-Age=${seconds}`, ...attributes(scope)].join('; ');
}

/** A Set-Cookie value that removes the cookie. */
export function noSessionCookie(name: string, scope: CookieScope): string {
  return [`${name}=`, 'Max-Age=0', ...attributes(scope)].join('; ');
}

// SameSite is Lax and not Strict, so that a link in a mail opens the dashboard for a person who is signed in. Whatever changes something is
// a POST or goes over the socket, and both check the origin too.
function attributes({ path, isSecure }: CookieScope): string[] {
  return [`Path=${path}`, 'HttpOnly', 'SameSite=Lax', ...(isSecure ? ['Secure'] : [])];
}

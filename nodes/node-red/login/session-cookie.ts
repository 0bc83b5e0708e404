import type { IncomingHttpHeaders } from 'node:http';

/**
 * Browsers send cookies to all ports of a host: a name of its own lets two installations on one host keep both.
 */
export function sessionCookieName(port: number): string {
  return `tpedm_session_${port}`;
}

/** The value of the named cookie in a request's headers. */
export function cookieIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [key, ...value] = pair.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return undefined;
}

/** For which requests a browser keeps a cookie. */
export interface CookieScope {
  /** Below which path, as the browser knows it: two installations on one host keep theirs apart. */
  path: string;
  /** Over TLS alone. */
  isSecure: boolean;
}

/** A Set-Cookie value that keeps the session until `expiresAt`, ms since the epoch. */
export function sessionCookie(name: string, value: string, expiresAt: number, scope: CookieScope): string {
  const seconds = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
  return [`${name}=${value}`, `Max-Age=${seconds}`, ...attributes(scope)].join('; ');
}

/** A Set-Cookie value that removes it. */
export function noSessionCookie(name: string, scope: CookieScope): string {
  return [`${name}=`, 'Max-Age=0', ...attributes(scope)].join('; ');
}

// Lax and not Strict: a link to the dashboard in a mail opens it for who is signed in. Whatever changes something
// is a POST or goes over the socket, and both look at the origin too.
function attributes({ path, isSecure }: CookieScope): string[] {
  return [`Path=${path}`, 'HttpOnly', 'SameSite=Lax', ...(isSecure ? ['Secure'] : [])];
}

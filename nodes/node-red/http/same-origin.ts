import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request comes from a page of this host, or from no page at all: browsers name the origin in each POST and each WebSocket, other
 * programs leave it out.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  if (headers.origin === undefined) return true;
  try {
    const origin = new URL(headers.origin);
    // The host is parsed as a URL too, because a default port may be written in only one of the two.
    return origin.host === new URL(`${origin.protocol}//${headers.host}`).host;
  } catch {
    return false;
  }
}

import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request comes from a page of this host, or from no page at all: browsers name the origin in each POST and
 * each WebSocket, other programs leave it out.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  if (headers.origin === undefined) return true;
  try {
    const origin = new URL(headers.origin);
    // Parsed as a URL too, which drops a default port that only one of them spells out.
    return origin.host === new URL(`${origin.protocol}//${headers.host}`).host;
  } catch {
    return false;
  }
}

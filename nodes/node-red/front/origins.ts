import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { FrontSettings } from '../server/front-settings.js';

const CORS = /^access-control-/i;

/**
 * Whether the page of another host makes a browser send the request. With DNS rebinding, the page's own name points to this machine, and
 * origin and `Host` name the same host.
 */
export function isForeign(
  request: IncomingMessage,
  { isOwnPage, isOwnHost }: Pick<FrontSettings, 'isOwnPage' | 'isOwnHost'>,
): boolean {
  return !isOwnPage(request) || isRebound(request, isOwnHost);
}

/** Whether a page sends the request to a name that is not ours: its own, which was pointed to this machine. */
export function isRebound({ headers }: IncomingMessage, isOwnHost: (host: string) => boolean): boolean {
  return headers.origin !== undefined && !isOwnHost(headers.host ?? '');
}

/** Removes the headers from an answer, when it is sent, that would let pages of other hosts read it. */
export function withoutCors(response: ServerResponse): void {
  const writeHead = response.writeHead;
  response.writeHead = (...values: unknown[]) => {
    for (const name of response.getHeaderNames()) if (CORS.test(name)) response.removeHeader(name);
    return writeHead.apply(response, values as Parameters<typeof writeHead>);
  };
}

/**
 * Removes the `Access-Control-Allow-Origin: *` that Node-RED sets for everything that passes the editor's API, http-in nodes included. Goes
 * first into `httpAdminMiddleware`. What flows and `httpNodeCors` set comes later, and stays.
 */
export const noAdminCors: RequestHandler = (_request, response, next) => {
  for (const name of response.getHeaderNames()) if (CORS.test(name)) response.removeHeader(name);
  next();
};

/** Host names of a server that only this machine can reach. */
const LOOPBACK = /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Creates the check of whether a host, as in the header `Host`, is this server. A server that listens on this machine alone and is behind
 * no proxy has the names of this machine and the host of TPE_PUBLIC_URL; any other server may have any name.
 */
export function ownHosts(
  listensOn: string,
  isBehindProxy: boolean,
  publicUrl?: URL,
): (host: string) => boolean {
  if (isBehindProxy || !LOOPBACK.test(listensOn.includes(':') ? `[${listensOn}]` : listensOn))
    return () => true;
  return (host) => {
    const url = `http://${host}`;
    if (!URL.canParse(url)) return false;
    const { hostname } = new URL(url);
    return LOOPBACK.test(hostname) || hostname === publicUrl?.hostname;
  };
}

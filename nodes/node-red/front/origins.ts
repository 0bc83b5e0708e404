import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { FrontSettings } from '../server/front-settings.js';

const CORS = /^access-control-/i;

/**
 * Whether a page elsewhere has its browser call. A page whose own name was pointed to this machine (DNS rebinding) names the
 * same host as origin and as `Host`.
 */
export function isForeign(
  request: IncomingMessage,
  { isOwnPage, isOwnHost }: Pick<FrontSettings, 'isOwnPage' | 'isOwnHost'>,
): boolean {
  return !isOwnPage(request) || isRebound(request, isOwnHost);
}

/** Whether a page calls by a name that is none of ours: its own, which was pointed to this machine. */
export function isRebound({ headers }: IncomingMessage, isOwnHost: (host: string) => boolean): boolean {
  return headers.origin !== undefined && !isOwnHost(headers.host ?? '');
}

/** Takes out of an answer, as it goes, what would let pages elsewhere read it. */
export function withoutCors(response: ServerResponse): void {
  const writeHead = response.writeHead;
  response.writeHead = (...values: unknown[]) => {
    for (const name of response.getHeaderNames()) if (CORS.test(name)) response.removeHeader(name);
    return writeHead.apply(response, values as Parameters<typeof writeHead>);
  };
}

/**
 * Takes out the `Access-Control-Allow-Origin: *` that Node-RED gives to all that goes through the editor's API, http-in nodes
 * among it. Goes first into `httpAdminMiddleware`; what flows and `httpNodeCors` say comes later, and stays.
 */
export const noAdminCors: RequestHandler = (_request, response, next) => {
  for (const name of response.getHeaderNames()) if (CORS.test(name)) response.removeHeader(name);
  next();
};

/** Names by which pages reach a server that listens on this machine alone. */
const LOOPBACK = /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Tells which hosts are ours. A server that only this machine reaches, and no proxy, has the names of this machine, and the one
 * that TPE_PUBLIC_URL gives it; another may have any name.
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

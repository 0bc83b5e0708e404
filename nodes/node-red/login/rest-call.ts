import type { Request } from 'express';
import type { Doer } from '../../manager/audit/audited.js';

/** The route that a call goes to, in small letters; the URL itself may be spelt in many ways. */
export function routeOf(request: Request): string {
  return String(request.route?.path ?? request.path).toLowerCase();
}

export function isBelowApi(route: string): boolean {
  return route === '/api' || route.startsWith('/api/');
}

/** The call as its caller spelt it, for the audit. */
export function callOf({ method, path }: Request): string {
  return `${method} ${path.slice(0, 500)}`;
}

/** Who calls, for the audit: there is one token for all. */
export function callerOf(request: Request): Doer {
  return callerAt(request.ip ?? '');
}

/** The same of an IP address; an empty text is none. */
export function callerAt(address: string): Doer {
  return { who: 'API token', role: null, address: address || null };
}

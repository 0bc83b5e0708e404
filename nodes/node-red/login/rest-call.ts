import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { TokenCaller } from '../../manager/accounts/accounts.js';
import type { Actor } from '../../manager/audit/audited.js';
import type { Role } from '../../manager/shared/role.js';

export interface RestCaller {
  /** Name of the personal token's owner, or `API token`. */
  who: string;
  /** Null for the API token of this installation, which belongs to no account. */
  accountId: string | null;
  /** Highest role that this call may use. */
  role: Role;
  /** Null for the API token of this installation. */
  token: { id: string; name: string } | null;
}

const callers = new WeakMap<object, RestCaller>();

/** Remembers the caller of an admitted request, and returns it. */
export function nameRestCaller(request: object, { who, holder, role }: TokenCaller): RestCaller {
  const token = holder && { id: holder.tokenId, name: holder.tokenName };
  const caller = { who, accountId: holder?.accountId ?? null, role, token };
  callers.set(request, caller);
  return caller;
}

/** The caller of a request; null if the request needed no token, or if the value is no request. */
export function restCaller(request: unknown): RestCaller | null {
  return typeof request === 'object' && request !== null ? (callers.get(request) ?? null) : null;
}

/** The route of a call in lower case, or its path if the route is not known. The URL itself may be spelled in many ways. */
export function routeOf(request: Request): string {
  return String(request.route?.path ?? request.path).toLowerCase();
}

/** Whether a route in lower case is `/api` or below it. */
export function isBelowApi(route: string): boolean {
  return route === '/api' || route.startsWith('/api/');
}

/** Method and path of a call for the audit, as the caller spelled them. A long path is cut. */
export function callOf({ method, path }: Request): string {
  return `${method} ${path.slice(0, 500)}`;
}

/** The caller of a request, for the audit. */
export function actorOf(request: IncomingMessage & { ip?: string | undefined }): Actor {
  return doerAt(restCaller(request), request.ip ?? '');
}

/** The same for a caller at an IP address; an empty text means that the address is not known. */
export function doerAt(caller: RestCaller | null, address: string): Actor {
  const at = { address: address || null };
  if (caller === null || caller.token === null)
    return { who: 'API token', role: caller?.role ?? null, ...at };
  const { who, accountId, role } = caller;
  return { who, accountId, role, ...at };
}

/** The name in the record of a command, a scan or an installation: `asked`, and behind it the person and the name of the personal token. */
export function requestedWith(asked: string, caller: RestCaller | null): string {
  if (caller === null || caller.token === null) return asked;
  return `${asked}: ${caller.who} (${caller.token.name})`;
}

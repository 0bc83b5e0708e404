import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { TokenCaller } from '../../manager/accounts/accounts.js';
import type { Actor } from '../../manager/audit/audited.js';
import type { Role } from '../../manager/shared/role.js';

/** Who makes a call of REST. */
export interface RestCaller {
  /** The owner of a personal token, or `API token`. */
  who: string;
  /** Null with the one token of this installation, which is nobody's. */
  accountId: string | null;
  /** What this call may do at most. */
  role: Role;
  /** Null with the one token of this installation. */
  token: { id: string; name: string } | null;
}

const callers = new WeakMap<object, RestCaller>();

/** Notes who was let in with a request. */
export function nameRestCaller(request: object, { who, holder, role }: TokenCaller): RestCaller {
  const token = holder && { id: holder.tokenId, name: holder.tokenName };
  const caller = { who, accountId: holder?.accountId ?? null, role, token };
  callers.set(request, caller);
  return caller;
}

/** Who makes the call that a request is; null for a request that no token was asked for, and for what is none. */
export function restCaller(request: unknown): RestCaller | null {
  return typeof request === 'object' && request !== null ? (callers.get(request) ?? null) : null;
}

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

/** Who did what a request asks for, for the audit. */
export function actorOf(request: IncomingMessage & { ip?: string | undefined }): Actor {
  return doerAt(restCaller(request), request.ip ?? '');
}

/** The same of a caller at an IP address; an empty text is none. */
export function doerAt(caller: RestCaller | null, address: string): Actor {
  const at = { address: address || null };
  if (caller === null || caller.token === null)
    return { who: 'API token', role: caller?.role ?? null, ...at };
  const { who, accountId, role } = caller;
  return { who, accountId, role, ...at };
}

/** Who asks, in the record of a command, a scan or an installation: `REST`, and behind it the person with a personal token. */
export function requestedWith(asked: string, caller: RestCaller | null): string {
  if (caller === null || caller.token === null) return asked;
  return `${asked}: ${caller.who} (${caller.token.name})`;
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from '../http/answers.js';
import type { TokenCall } from '../login/rest-refusal.js';
import type { CallerRequest } from '../runtime/caller.js';

/** The checks of callers that the guard in front of the server needs; our settings.js passes them. */
export interface FrontSettings {
  /** The IP address of the caller; empty if the connection is gone already. */
  addressOf(request: CallerRequest): string;
  /** Whether an address is one of the proxies whose word is taken. */
  isProxy(address: string): boolean;
  /** Whether somebody has this token, be it a personal one or that of this installation. */
  isKnownToken(token: string): boolean;
  /** Whether these headers come from somebody who is signed in to the dashboard. */
  isSignedIn(headers: IncomingHttpHeaders): boolean;
  /** Whether a request comes from a page of ours, or from none at all. */
  isOwnPage(request: CallerRequest): boolean;
  /** Whether pages may call the server by this `Host`, whose name an attacker may have pointed to it. */
  isOwnHost(host: string): boolean;
  /** Null for who has a token whose role is enough; who that is, is noted for the request. */
  restRefusal(call: TokenCall, request: object): Refusal | null;
}

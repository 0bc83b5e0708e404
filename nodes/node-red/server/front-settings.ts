import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from '../http/answers.js';
import type { TokenCall } from '../login/rest-refusal.js';
import type { CallerRequest } from '../runtime/caller.js';

/** The checks of callers for the guard in front of the HTTP server. The settings.js of this pack provides them. */
export interface FrontSettings {
  /** The IP address of the caller; empty if the connection is gone already. */
  addressOf(request: CallerRequest): string;
  /** Whether an address is that of a trusted proxy. */
  isProxy(address: string): boolean;
  /** Whether this is a valid token: a personal one, or the API token of the installation. */
  isKnownToken(token: string): boolean;
  /** Whether the headers belong to a person who is signed in to the dashboard. */
  isSignedIn(headers: IncomingHttpHeaders): boolean;
  /** Whether a request comes from a page of this Node-RED, or from no page at all. */
  isOwnPage(request: CallerRequest): boolean;
  /** Whether pages can call the server with this header `Host`. An attacker can let a name of his own point to the server. */
  isOwnHost(host: string): boolean;
  /** The refusal of a REST call; null if the role of its token suffices. Then it also notes the caller for the request. */
  restRefusal(call: TokenCall, request: object): Refusal | null;
}

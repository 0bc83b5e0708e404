import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** What is needed of a request, also of the one that a socket began with. */
export type CallerRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * Reads the IP address of who calls. `proxies` are those whose word is taken, as Express's setting `trust proxy` has them;
 * without any it is the other end of the connection. An empty text where that is gone already.
 */
export function callerReader(proxies: string[] | undefined): (request: CallerRequest) => string {
  const isTrusted = proxies ? proxyAddr.compile(proxies) : () => false;
  return (request) => proxyAddr(request as IncomingMessage, isTrusted) ?? '';
}

const current = new AsyncLocalStorage<string>();

/** Does `work` for a caller: what it does, also later, may ask for the address by `currentCaller`. */
export function withCaller<Result>(address: string, work: () => Result): Result {
  return current.run(address, work);
}

/** The address of who called; null outside of a call. For places that Node-RED tells a name and a password alone. */
export function currentCaller(): string | null {
  return current.getStore() ?? null;
}

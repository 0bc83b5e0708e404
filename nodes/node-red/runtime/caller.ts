import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';
import { ipAddress } from '../../manager/shared/ip-address.js';

/** What is needed of a request, also of the one that a socket began with. */
export type CallerRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * Reads the IP address of who calls. `proxies` are those whose word is taken, as Express's setting `trust proxy` has them;
 * without any it is the other end of the connection. An empty text where that is gone already.
 */
export function callerReader(proxies: string[] | undefined): (request: CallerRequest) => string {
  const isProxy = proxyTest(proxies);
  return (request) => ipAddress(proxyAddr(request as IncomingMessage, isProxy)) ?? '';
}

/** Tells which addresses are those of proxies. */
export function proxyTest(proxies: string[] | undefined): (address: string) => boolean {
  if (!proxies) return () => false;
  const isTrusted = proxyAddr.compile(proxies);
  // Some proxies write the port of who called them, too.
  return (given) => {
    const address = ipAddress(given);
    return address !== null && isTrusted(address, 0);
  };
}

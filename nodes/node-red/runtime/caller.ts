import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';
import { ipAddress } from '../../manager/shared/ip-address.js';

/** The part of a request that is needed here. The request that opened a socket has it too. */
export type CallerRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * Creates the function that returns the IP address of a caller. `proxies` are the trusted proxies in the form of Express's setting
 * `trust proxy`. Without any, it is the address at the other end of the connection. Empty if the connection is gone already.
 */
export function callerReader(proxies: string[] | undefined): (request: CallerRequest) => string {
  const isProxy = proxyTest(proxies);
  return (request) => ipAddress(proxyAddr(request as IncomingMessage, isProxy)) ?? '';
}

/** Creates the test for the addresses of trusted proxies. */
export function proxyTest(proxies: string[] | undefined): (address: string) => boolean {
  if (!proxies) return () => false;
  const isTrusted = proxyAddr.compile(proxies);
  // Some proxies also write the caller's port, which `ipAddress` removes.
  return (given) => {
    const address = ipAddress(given);
    return address !== null && isTrusted(address, 0);
  };
}

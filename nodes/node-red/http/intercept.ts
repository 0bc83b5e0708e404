import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Handlers in front of everything else that a server does. Each of them calls `next` to pass a request on, or answers it itself. */
export interface Interceptor {
  request?(request: IncomingMessage, response: ServerResponse, next: () => void): void;
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, next: () => void): void;
}

/**
 * Puts an interceptor in front of a server. It replaces the server's `emit`, by which every listener is called, so it is also in front of
 * listeners that are added later and of those that, like socket.io's, move themselves to the front. The interceptor that was added last is
 * asked first.
 */
export function intercept(server: Server, { request, upgrade }: Interceptor): void {
  const emit = server.emit as (event: string | symbol, ...values: unknown[]) => boolean;
  const handOn = (event: string, values: unknown[]) => void emit.call(server, event, ...values);
  server.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event === 'request' && request !== undefined) {
      const [first, second] = values as [IncomingMessage, ServerResponse];
      request(first, second, () => handOn('request', values));
      return true;
    }
    if (event === 'upgrade' && upgrade !== undefined) {
      const [first, second, third] = values as [IncomingMessage, Duplex, Buffer];
      upgrade(first, second, third, () => handOn('upgrade', values));
      return true;
    }
    return emit.call(server, event, ...values);
  };
}

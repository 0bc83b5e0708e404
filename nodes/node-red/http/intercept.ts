import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What stands in front of all that a server does otherwise: each hands on by `next`, or answers itself. */
export interface Interceptor {
  request?(request: IncomingMessage, response: ServerResponse, next: () => void): void;
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, next: () => void): void;
}

/**
 * Puts an interceptor in front of a server, also of listeners that come later and, like socket.io's, push themselves to the
 * front: they all hear of a request by the server's `emit`. The last one put there is the first one asked.
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

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from '../../manager/shared/address-key.js';

/** More connections than the browsers of an office, or a broker that sends webhooks, keep open. */
const MAX_OF_ADDRESS = 1000;

/**
 * Bounds the connections of each address, because each connection costs some kB before anybody knows whose it is. `isProxy` says which
 * addresses are proxies; these are not bounded, since many people are behind them.
 */
export function boundConnections(server: Server, isProxy: (address: string) => boolean): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isProxy(address)) return;
    const key = addressKey(address);
    const count = (open.get(key) ?? 0) + 1;
    if (count > MAX_OF_ADDRESS) return void socket.destroy();
    open.set(key, count);
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
  });
}

/** Browsers and proxies send one request after the other; EMQX has 100 under way. */
const MAX_AT_ONCE = 200;

/**
 * Creates a bound for the requests that wait for their answers on one connection, since an HTTP/1.1 client may send any number of them. The
 * returned function is false for one too many, and then closes the connection.
 */
export function createPipelineBound(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const waiting = new WeakMap<Socket, number>();
  return ({ socket }, response) => {
    const count = (waiting.get(socket) ?? 0) + 1;
    if (count > MAX_AT_ONCE) {
      socket.destroy();
      return false;
    }
    waiting.set(socket, count);
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return true;
  };
}

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from '../../manager/accounts/address-key.js';

/** More than the browsers of an office, or a broker that sends webhooks, keep open. */
const MOST_OF_ADDRESS = 1000;

/**
 * Bounds how many connections an address may have, since each costs some kB before anybody asks who it is. `isProxy` tells the
 * addresses of proxies, behind which are many.
 */
export function boundConnections(server: Server, isProxy: (address: string) => boolean): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isProxy(address)) return;
    const key = addressKey(address);
    const count = (open.get(key) ?? 0) + 1;
    if (count > MOST_OF_ADDRESS) return void socket.destroy();
    open.set(key, count);
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
  });
}

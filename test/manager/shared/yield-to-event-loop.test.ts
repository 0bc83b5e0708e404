import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect } from 'chai';
import { yieldToEventLoop } from '../../../nodes/manager/shared/yield-to-event-loop.js';

const PIECE_MS = 12;

/** Keeps the event loop busy, as a statement of the embedded database does. */
function work(): void {
  const begun = performance.now();
  while (performance.now() - begun < PIECE_MS);
}

describe('yielding to the event loop', () => {
  it('lets several connections in between two pieces of work', async () => {
    let accepted = 0;
    const server = createServer((socket) => {
      accepted += 1;
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const pieces = 5;
    const clients = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    for (let piece = 0; piece < pieces; piece += 1) {
      work();
      await yieldToEventLoop();
    }
    const meanwhile = accepted;
    for (const client of clients) client.destroy();
    server.close();
    expect(meanwhile).to.be.at.least(2 * pieces);
  });
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came, and where it went. */
export interface Passed {
  method: string;
  path: string;
  /** Of those in `sendTo`. */
  target: string;
}

/** What stands in front of several servers, and passes on what it is asked. */
export interface HttpBalancer {
  url: string;
  /** In the order in which they came. */
  passed: readonly Passed[];
  /** From now on each of these (`http://host:port`) in turn. */
  sendTo(...targets: string[]): void;
  close(): Promise<void>;
}

/** Who asks while the target cannot be reached is cut off, as behind a balancer of TCP connections. */
export async function startHttpBalancer(...targets: string[]): Promise<HttpBalancer> {
  const passed: Passed[] = [];
  let turn = 0;
  const server = createServer((incoming, response) => {
    const target = targets[turn++ % targets.length];
    if (target === undefined) return void response.destroy();
    passed.push({ method: incoming.method ?? '', path: incoming.url ?? '', target });
    passOn(incoming, response, target);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    sendTo(...next) {
      targets = next;
      turn = 0;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function passOn(incoming: IncomingMessage, response: ServerResponse, target: string): void {
  const cutOff = () => void response.destroy();
  const outgoing = request(
    new URL(incoming.url ?? '/', target),
    { method: incoming.method, headers: incoming.headers },
    (answer) => {
      answer.on('error', cutOff);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  outgoing.on('error', cutOff);
  incoming.on('error', () => void outgoing.destroy());
  incoming.pipe(outgoing);
}

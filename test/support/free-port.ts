import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that systems give to connections and to servers that ask for any: Linux begins at 32768. */
const FIRST = 10_000;
const LAST = 32_000;
/** How many ports a process takes at once. */
const BLOCK = 200;

/**
 * A TCP port on which nobody listens, and which no other test, no connection and no server with port 0 gets later: for programs
 * that are started with a port, or come back on the same one. Each process has ports of its own, since files of tests run side
 * by side, and a port that was given is taken only when its program listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    ports = ports.length > 0 ? ports : await claimBlock();
    const port = ports.shift()!;
    if (await isFree(port)) return port;
  }
}

/** What is left of the block of this process. */
let ports: number[] = [];

/** The first port of a block is its lock: this process listens there until it ends. */
async function claimBlock(): Promise<number[]> {
  for (;;) {
    const block = Math.floor(Math.random() * ((LAST - FIRST) / BLOCK));
    const lock = FIRST + block * BLOCK;
    const server = await listenOn(lock);
    if (server === null) continue;
    server.unref();
    return Array.from({ length: BLOCK - 1 }, (_, index) => lock + 1 + index);
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === null) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Null where somebody listens already. */
async function listenOn(port: number): Promise<Server | null> {
  const server = createServer();
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '0.0.0.0');
  return (await listening) ? server : null;
}

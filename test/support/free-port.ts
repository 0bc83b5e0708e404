import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to connections and to servers that ask for any: Linux begins at 32768. */
const FIRST = 10_000;
const LAST = 32_000;

/**
 * A TCP port that nobody listens on now, and that no connection and no server with port 0 gets later: for what is
 * started with a port, or comes back on the same one. Files of tests run side by side, so the choice is by chance.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

/** What this process has given already: a program may be about to listen there. */
const given = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '0.0.0.0');
  if (!(await listening)) return false;
  server.close();
  await once(server, 'close');
  return true;
}

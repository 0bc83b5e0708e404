import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Waits until a server says on its stderr that it is up: `mark`. Rejects with what it said where it ended before; `name` is for people. */
export async function untilPrinted(
  server: ChildProcessByStdio<null, null, Readable>,
  mark: string,
  name: string,
): Promise<void> {
  let log = '';
  server.stderr.setEncoding('utf8');
  for await (const text of server.stderr.iterator({ destroyOnReturn: false })) {
    log += text;
    if (log.includes(mark)) break;
  }
  if (server.exitCode !== null) throw new Error(`${name} did not start: ${log}`);
  server.stderr.resume();
}

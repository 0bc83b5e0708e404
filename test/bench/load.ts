import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { LoadResult } from './webhook-load.js';

const run = promisify(execFile);
let part = 0;

/** Posts webhooks as fast as they are answered, over so many connections to these URLs together. */
export async function runLoad(
  urls: readonly string[],
  token: string,
  connections: number,
  seconds: number,
): Promise<LoadResult> {
  part += 1;
  const options = JSON.stringify({ urls, token, connections, seconds, part });
  const { stdout } = await run(process.execPath, [join(__dirname, 'webhook-load.js'), options]);
  return JSON.parse(stdout) as LoadResult;
}

/** Starts one of our scripts in a process of its own; resolves when it has printed a line. The returned function ends it. */
export async function startScript(name: string, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [join(__dirname, name)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

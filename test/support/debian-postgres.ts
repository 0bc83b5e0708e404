import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { runFolder } from './run-folder.js';
import { untilPrinted } from './until-printed.js';

const run = promisify(execFile);
const PASSWORD = 'only for tests';
/** PostgreSQL refuses to run as root. */
const NOBODY = { uid: 65534, gid: 65534 };
const identity = process.getuid?.() === 0 ? NOBODY : {};

/** A PostgreSQL server of the system's packages, which come with pg_dump and pg_restore of the same version. */
export interface DebianCluster {
  /** The folder of its programs. */
  programs: string;
  port: number;
  /** For psql and its like, as superuser. */
  environment: NodeJS.ProcessEnv;
  /** Runs one statement as superuser; resolves with the first value. */
  admin(sql: string): Promise<string>;
  /** Drops all databases and roles that are not PostgreSQL's own. */
  forgetEverything(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one in the folder of this test run. */
export async function startDebianCluster(programs: string): Promise<DebianCluster> {
  const folder = mkdtempSync(join(runFolder(), 'debian-postgres-'));
  if (identity === NOBODY) chownSync(folder, NOBODY.uid, NOBODY.gid);
  const [data, passwordFile, port] = [join(folder, 'data'), join(folder, 'password'), await freePort()];
  writeFileSync(passwordFile, PASSWORD);
  await run(
    join(programs, 'initdb'),
    [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { cwd: folder, ...identity },
  );
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `port=${port}`,
    'fsync=off',
    'lc_messages=C',
    'max_prepared_transactions=5',
  ];
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...identity,
  });
  await untilPrinted(server, 'ready to accept connections', 'PostgreSQL');

  const environment = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres', PGPASSWORD: PASSWORD };
  const psql = async (sql: string) => {
    const words = [
      '--no-psqlrc',
      '--quiet',
      '--tuples-only',
      '--no-align',
      '--set=ON_ERROR_STOP=1',
      '--dbname=postgres',
    ];
    const { stdout } = await run(join(programs, 'psql'), [...words, `--command=${sql}`], {
      env: { ...process.env, ...environment },
    });
    return stdout.trim();
  };
  return {
    programs,
    port,
    environment,
    admin: psql,
    async forgetEverything() {
      const databases = await psql("select datname from pg_database where datname like 'tpedm%'");
      for (const name of databases.split('\n').filter(Boolean)) {
        await psql(`drop database "${name}" with (force)`);
      }
      await psql('drop role if exists tpedm_emqx, tpe_emqx_reader, tpedm');
    },
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
    },
  };
}

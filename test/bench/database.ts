import pg from 'pg';
import type { Database } from '../../nodes/manager/database/database.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { type PostgresServer, postgres } from '../support/postgres.js';

type Server = Pick<PostgresServer, 'url' | 'admin'>;

/** The URL of a superuser; without it, the bench starts the PostgreSQL of the tests. */
const { BENCH_DATABASE_URL: GIVEN } = process.env;
const made = new Set<string>();

async function server(): Promise<Server> {
  if (GIVEN === undefined) return await postgres();
  return {
    url: (name) => Object.assign(new URL(GIVEN), { pathname: `/${name}` }).href,
    async admin(script) {
      const client = new pg.Client({ connectionString: GIVEN });
      await client.connect();
      await client.query(script).finally(() => client.end());
    },
  };
}

/** A new database of this name on the bench's PostgreSQL, with the schema in it; whoever asks closes it. */
export async function newDatabase(
  name: string,
): Promise<{ options: { kind: 'postgresql'; url: string }; database: Database }> {
  const { url, admin } = await server();
  const fullName = `tpedm_bench_${name}`;
  await admin(`drop database if exists ${fullName} with (force)`);
  await admin(`create database ${fullName}`);
  made.add(fullName);
  const options = { kind: 'postgresql', url: url(fullName) } as const;
  const database = await openDatabase(options);
  await migrate(database, { info: () => undefined });
  return { options, database };
}

/** Leaves a server that was given as it was; the one of the tests goes with this process. */
export async function dropDatabases(): Promise<void> {
  if (GIVEN === undefined) return;
  const { admin } = await server();
  for (const name of made) await admin(`drop database if exists ${name} with (force)`);
}

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type DebianCluster, startDebianCluster } from './debian-postgres.js';
import { postgres } from './postgres.js';
import { debianPostgres, skipWithout } from './programs.js';

const PASSWORD = 'it is a secret';

/** A real server on which a test may do what it likes. */
export interface TestServer {
  /** Ours of npm, and not the system's. */
  isNewest: boolean;
  /** Runs statements as superuser; resolves with the rows of the last one. */
  admin(script: string, database?: string): Promise<Record<string, unknown>[]>;
  /** The URL of a database; default: as superuser. */
  url(database: string, role?: string): string;
  /** A new database, dropped behind the suite. `clauses` as CREATE DATABASE has them. */
  database(clauses?: string): Promise<string>;
  /** A new role that may log in and nothing else, dropped behind the suite. */
  role(): Promise<string>;
}

/** Describes the suite on the newest PostgreSQL, and on the system's own where there is one. */
export function eachServer(title: string, suite: (server: TestServer) => void): void {
  describe(`${title} (PostgreSQL of npm)`, () => {
    suite(servedBy(true, async () => (await postgres()).url('postgres')));
  });
  describe(`${title} (PostgreSQL of the system)`, () => {
    let cluster: DebianCluster | undefined;
    before(async function () {
      const programs = debianPostgres();
      skipWithout(this, "Debian's PostgreSQL server", programs !== null);
      cluster = await startDebianCluster(programs!);
    });
    // Behind the suite's own, which drop what they made.
    suite(
      servedBy(false, async () => {
        const { PGUSER, PGPASSWORD, PGHOST, PGPORT } = cluster!.environment;
        return `postgresql://${PGUSER}:${encodeURIComponent(PGPASSWORD!)}@${PGHOST}:${PGPORT}/postgres`;
      }),
    );
    after(() => cluster?.stop());
  });
}

/** Within a `describe`. */
function servedBy(isNewest: boolean, address: () => Promise<string>): TestServer {
  let base: string | undefined;
  const made: { databases: string[]; roles: string[] } = { databases: [], roles: [] };

  before(async () => {
    base = await address();
  });
  after(async () => {
    if (base === undefined) return;
    for (const name of made.databases) await admin(`drop database if exists ${name} with (force)`);
    for (const name of made.roles) await admin(`drop role if exists ${name}`);
  });

  function url(database: string, role?: string): string {
    const its = new URL(base!);
    its.pathname = database;
    if (role !== undefined) {
      its.username = role;
      its.password = encodeURIComponent(PASSWORD);
    }
    return its.href;
  }

  async function admin(script: string, database = 'postgres') {
    const client = new pg.Client({ connectionString: url(database) });
    await client.connect();
    try {
      const result: pg.QueryResult | pg.QueryResult[] = await client.query(script);
      return (Array.isArray(result) ? result.at(-1)! : result).rows;
    } finally {
      await client.end();
    }
  }

  return {
    isNewest,
    admin,
    url,
    async database(clauses = '') {
      const name = `test_${randomBytes(6).toString('hex')}`;
      made.databases.push(name);
      await admin(`create database ${name} ${clauses}`);
      return name;
    },
    async role() {
      const name = `role_${randomBytes(6).toString('hex')}`;
      made.roles.push(name);
      await admin(`create role ${name} login password '${PASSWORD}'`);
      return name;
    },
  };
}

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { isUnavailable } from '../../../nodes/manager/database/unavailable.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { errorOf } from '../../support/errors.js';
import { freePort } from '../../support/free-port.js';
import { onlineGateway, openTestManager } from '../../support/manager.js';
import { startPooler } from '../../support/pgbouncer.js';
import { eachServer } from '../../support/postgres-servers.js';
import { hasProgram, skipWithout } from '../../support/programs.js';
import { TPEDM_TABLES } from '../../support/tpedm-schema.js';

/** A message of PostgreSQL's protocol, version 3, about how the client proves who it is. */
const authentication = (step: number, text: string) => {
  const message = Buffer.alloc(9 + text.length);
  message.write('R');
  message.writeInt32BE(8 + text.length, 1);
  message.writeInt32BE(step, 5);
  message.write(text, 9, 'latin1');
  return message;
};
const ASK_FOR_SCRAM = authentication(10, 'SCRAM-SHA-256\0\0');
const GO_ON_WITH_SCRAM = authentication(11, 'r=nonce,s=c2FsdA==,i=4096');

const silent = { info: () => undefined };

eachServer('database: connecting', (server) => {
  const open: { close(): Promise<void> }[] = [];

  async function opened(url: string, poolSize?: number): Promise<Database> {
    const database = await openDatabase({
      kind: 'postgresql',
      url,
      ...(poolSize !== undefined && { poolSize }),
    });
    open.push(database);
    return database;
  }
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  /** Whatever keeps us out may pass: what waits for the database goes on waiting. */
  async function refusal(url: string): Promise<string> {
    const error = await errorOf((await opened(url)).query('select 1'));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'UNAVAILABLE');
    expect(isUnavailable(error)).to.equal(true);
    expect(error.message).to.not.contain('it is a secret');
    return error.message;
  }

  it('says what to do where it is refused', async () => {
    const name = await server.database();
    const role = await server.role();
    const wrong = new URL(server.url(name, role));
    wrong.password = 'wrong';
    expect(await refusal(wrong.href)).to.match(
      /does not take the password of role_.*ALTER ROLE "role_.*28P01/,
    );
    wrong.username = 'nobody-at-all';
    expect(await refusal(wrong.href)).to.match(/nobody-at-all/);
    wrong.password = '';
    expect(await refusal(wrong.href)).to.match(/asks for a password, and the URL has none/);
    expect(await refusal(server.url('not_there', role))).to.match(
      /has no database not_there.*CREATE DATABASE "not_there" OWNER "role_.*3D000/,
    );
    await server.admin(`revoke connect on database ${name} from public`);
    expect(await refusal(server.url(name, role))).to.match(/GRANT CONNECT ON DATABASE "test_.*" TO "role_/);
    await server.admin(`grant connect on database ${name} to ${role}; alter role ${role} nologin`);
    expect(await refusal(server.url(name, role))).to.match(/must exist and have LOGIN/);
    await server.admin(`alter role ${role} login connection limit 0`);
    expect(await refusal(server.url(name, role))).to.match(/no connection left.*CONNECTION LIMIT.*53300/);
  });

  it('works with as few connections as it is given, and says that they are few', async () => {
    const name = await server.database();
    const role = await server.role();
    await server.admin(`alter database ${name} owner to ${role}; alter role ${role} connection limit 3`);
    const warnings: string[] = [];
    const database = await opened(server.url(name, role));
    await migrate(database, { info: () => undefined, warn: (text) => warnings.push(text) });
    expect(warnings.join('\n')).to.match(/may have 3 connections.*ALTER ROLE "role_.*" CONNECTION LIMIT -1;/);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0
          ? database.query('select 1 as one from pg_sleep(0.02)')
          : database.queryBatch(1, 'select 1 as one from pg_sleep(0.02)', []),
      ),
    );
    expect(answers.flat()).to.have.length(40);
  });

  it('takes the host of several that takes changes', async () => {
    const name = await server.database();
    const { host, username, password } = new URL(server.url(name));
    const dead = await freePort();
    const url = `postgresql://${username}:${password}@127.0.0.1:${dead},${host}/${name}?target_session_attrs=read-write`;
    const database = await opened(url);
    await migrate(database, silent);
    expect(await database.query('select 1 as one')).to.deep.equal([{ one: 1 }]);
    const none = await opened(`postgresql://u:p@127.0.0.1:${dead},127.0.0.1:${dead}/x`);
    expect(isUnavailable(await errorOf(none.query('select 1')))).to.equal(true);
  });

  it('speaks TLS where the server does, as far as the URL leaves that open', async () => {
    const url = (mode: string) => `${server.url('postgres')}?sslmode=${mode}`;
    const [has] = await server.admin("select current_setting('ssl') = 'on' as tls");
    for (const mode of ['prefer', 'allow', 'disable']) {
      const [row] = await (await opened(url(mode))).query(
        'select ssl as tls from pg_stat_ssl where pid = pg_backend_pid()',
      );
      expect(row, mode).to.deep.equal({ tls: mode === 'prefer' && has!.tls });
    }
    if (!has!.tls) expect(await refusal(url('require'))).to.match(/does not speak TLS.*sslmode=disable/);
  });

  it('refuses what the URL asks for and nobody would do', async () => {
    for (const [parameter, words] of [
      ['schema=mine', /options=-c%20search_path/],
      ['target_session_attrs=standby', /takes no changes/],
      ['sslmode=sometimes', /none of disable, allow, prefer/],
      ['passfile=/x', /passfile is not supported/],
      ['host=a,b', /several hosts stand before/],
    ] as const) {
      const error = await errorOf(
        openDatabase({ kind: 'postgresql', url: `postgresql://u:p@h/d?${parameter}` }),
      );
      expect(error).to.have.property('code', 'INVALID_INPUT');
      expect(error.message).to.match(words);
    }
  });

  it('takes the schema of the search path, and each session finds it', async () => {
    const name = await server.database();
    const role = await server.role();
    await server.admin(
      `create schema gateways authorization ${role}; create schema tools; create extension pg_trgm schema tools;
      grant usage on schema tools to ${role}`,
      name,
    );
    const database = await opened(`${server.url(name, role)}?options=-c%20search_path%3Dgateways`);
    await migrate(database, silent);
    await createRegistry(database).register({ clientid: 'gw-1' });
    expect((await createRegistry(database).list({ search: 'gw' })).devices).to.have.length(1);
    const [row] = await server.admin('select clientid from gateways.clientid_profile', name);
    expect(row).to.deep.equal({ clientid: 'gw-1' });
    // Whoever changes the tables need not have that path.
    await server.admin(
      "update gateways.clientid_profile set connection_status = true; delete from gateways.clientid_profile where clientid = 'gw-1'",
      name,
    );
  });

  it('finds the tables where they are, also behind an empty schema', async () => {
    const name = await server.database();
    await (await opened(server.url(name))).close();
    await migrate(await opened(server.url(name)), silent);
    await server.admin(`create schema empty; alter database ${name} set search_path = empty, public`, name);
    const database = await opened(server.url(name));
    await migrate(database, silent);
    expect(await database.query("select from pg_class where relname = 'mqtt_user'")).to.have.length(1);
    await server.admin(`alter database ${name} set search_path = empty`);
    const error = await errorOf(migrate(await opened(server.url(name)), silent));
    expect(error.message).to.match(/in the schema "public".*SET search_path = "public"/);
  });

  it('brings together what lies in two schemas', async () => {
    const name = await server.database();
    await server.admin(
      `create schema users; ${TPEDM_TABLES} alter table mqtt_user set schema users; alter database ${name} set search_path = users, public`,
      name,
    );
    const error = await errorOf(migrate(await opened(server.url(name)), silent));
    expect(error.message).to.contain('ALTER TABLE public.clientid_profile SET SCHEMA "users";');
    await server.admin('alter table public.clientid_profile set schema users', name);
    await migrate(await opened(server.url(name)), silent);
  });

  describe('through PgBouncer', () => {
    before(function () {
      skipWithout(this, 'pgbouncer', hasProgram('pgbouncer'));
    });

    it('works where it keeps sessions apart', async () => {
      const pooler = await startPooler(server.url(await server.database()), 'session');
      const test = await openTestManager({ kind: 'postgresql', url: pooler.url });
      try {
        await (await onlineGateway(test, 'gw-1')).leave();
      } finally {
        await test.manager.close();
        await pooler.stop();
      }
    });

    for (const mode of ['transaction', 'statement'] as const) {
      it(`says what to set where it shares them (${mode})`, async () => {
        const pooler = await startPooler(server.url(await server.database()), mode);
        try {
          const database = await opened(pooler.url);
          const error = await errorOf(migrate(database, silent));
          expect(error).to.have.property('code', 'CONFLICT');
          expect(error.message).to.match(/pool_mode=session/);
          await database.close();
        } finally {
          await pooler.stop();
        }
      });
    }
  });
});

describe('database: a server that asks for a password, where the URL has none', () => {
  it('keeps no connection of ours, with which it would wait for a minute', async () => {
    const server = createServer((socket) => {
      // It never ends a connection by itself.
      socket.once('data', () => {
        socket.write(ASK_FOR_SCRAM);
        socket.once('data', () => socket.write(GO_ON_WITH_SCRAM));
      });
      socket.resume();
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const database = await openDatabase({ kind: 'postgresql', url: `postgresql://u@127.0.0.1:${port}/d` });
    try {
      expect((await errorOf(database.query('select 1'))).message).to.match(/asks for a password/);
      const [socket] = await connected;
      if (!socket.closed) await once(socket, 'close');
    } finally {
      await database.close();
      server.close();
    }
  });
});

eachServer('database: a server that is not as it should be', (server) => {
  const open: Database[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  async function opened(url: string): Promise<Database> {
    const database = await openDatabase({ kind: 'postgresql', url });
    open.push(database);
    return database;
  }

  for (const encoding of ['SQL_ASCII', 'LATIN1', 'EUC_JP']) {
    it(`says how to come from ${encoding} to UTF-8`, async () => {
      const name = await server.database(
        `template template0 encoding '${encoding}' lc_collate 'C' lc_ctype 'C' ${server.isNewest ? "locale_provider 'libc'" : ''}`,
      );
      const error = await errorOf(migrate(await opened(server.url(name)), silent));
      expect(error.message).to.match(
        new RegExp(`encoding ${encoding}.*CREATE DATABASE "${name}_utf8".*ENCODING 'UTF8'`),
      );
    });
  }

  it('says what keeps triggers from running', async () => {
    const name = await server.database();
    await server.admin(`alter database ${name} set session_replication_role = replica`);
    const error = await errorOf(migrate(await opened(server.url(name)), silent));
    expect(error.message).to.match(
      /session_replication_role.*ALTER DATABASE "test_.*" RESET session_replication_role;/,
    );
  });

  it('is warned of where it may lose what was acknowledged', async () => {
    const warnings: string[] = [];
    const database = await opened(server.url(await server.database()));
    await migrate(database, { info: () => undefined, warn: (text) => warnings.push(text) });
    expect(warnings.join('\n')).to.match(/fsync = off.*Set fsync = on/);
  });

  describe('a role that may do nothing', () => {
    let name: string;
    let role: string;
    let database: Database;
    beforeEach(async () => {
      name = await server.database();
      role = await server.role();
      database = await opened(server.url(name, role));
    });

    const refused = async () => (await errorOf(migrate(database, silent))).message;

    it('is told each thing that a superuser has to run, and needs nothing else', async () => {
      const text = await refused();
      expect(text).to.match(new RegExp(`GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}";`));
      expect(text).to.contain('CREATE EXTENSION pg_trgm; (as a superuser)');
      await server.admin(`grant usage, create on schema public to "${role}"; create extension pg_trgm`, name);
      await migrate(database, silent);
    });

    it('is told of a schema that it may not use, and of one that is not there', async () => {
      await server.admin('create schema tools; create extension pg_trgm schema tools', name);
      expect(await refused()).to.contain(`GRANT USAGE ON SCHEMA "tools" TO "${role}";`);
      await server.admin('drop schema public cascade', name);
      database = await opened(server.url(name, role));
      expect(await refused()).to.contain(`CREATE SCHEMA "public" AUTHORIZATION "${role}";`);
    });

    it('is told its settings by the name that signed in, and its rights by the role that it takes on', async () => {
      await server.admin('create schema gateways', name);
      await migrate(await opened(`${server.url(name)}?options=-c%20search_path%3Dgateways`), silent);
      const login = await server.role();
      await server.admin(
        `grant ${role} to ${login}; alter role ${login} set role = ${role};
         alter role ${login} in database ${name} set search_path = public`,
      );
      database = await opened(server.url(name, login));
      const text = await refused();
      expect(text).to.contain(
        `ALTER ROLE "${login}" IN DATABASE "${name}" SET search_path = "gateways", public;`,
      );
      expect(text).to.contain(`GRANT USAGE, CREATE ON SCHEMA "gateways" TO "${role}";`);
    });

    it('is told of tables that belong to another', async () => {
      await server.admin(
        `create extension pg_trgm; grant usage, create on schema public to ${role};
         create table mqtt_user (id serial primary key, clientid varchar unique, username varchar, password varchar);
         create table clientid_profile (id serial primary key, clientid varchar unique)`,
        name,
      );
      expect(await refused()).to.match(
        new RegExp(`mqtt_user belongs to postgres.*ALTER TABLE mqtt_user OWNER TO "${role}";`),
      );
    });

    it('is told of row security that hides gateways from it', async () => {
      await server.admin(
        `grant create on database ${name} to ${role}; grant usage, create on schema public to ${role}`,
        name,
      );
      await migrate(database, silent);
      await server.admin(
        `alter table clientid_profile enable row level security; alter table clientid_profile force row level security;
         create policy mine on clientid_profile using (clientid = 'x'); delete from tpe_migration where number = 18`,
        name,
      );
      expect(await refused()).to.match(
        /Row security hides rows of clientid_profile.*DISABLE ROW LEVEL SECURITY/,
      );
    });
  });
});

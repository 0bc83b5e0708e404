import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import type { Database } from '../../../nodes/manager/database/database.js';
import { shortened } from '../../../nodes/manager/database/lock-holders.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { DOCKER, dockerFile } from '../../support/docker-files.js';
import { openStatement } from '../../support/epgsql.js';
import { errorOf } from '../../support/errors.js';
import { patience } from '../../support/patience.js';
import { eachServer } from '../../support/postgres-servers.js';
import { hasProgram, skipWithout } from '../../support/programs.js';
import { TPEDM_TABLES } from '../../support/tpedm-schema.js';

const silent = { info: () => undefined };
const TPEDM_QUERY = 'select password from mqtt_user where username = $1 and clientid = $2 limit 1';
const LOGIN_MS = 5000;

/** What the shipped configuration of EMQX 4.4 prepares. */
function emqxQuery(): string {
  const query = /^auth\.pgsql\.auth_query = (.*)$/m.exec(
    dockerFile('emqx-4.4/plugins/emqx_auth_pgsql.conf.template'),
  );
  return query![1]!.replace("'%u'", '$1').replace("'%c'", '$2');
}

eachServer('database: a migration that waits for a lock', (server) => {
  let name: string;
  let url: string;
  let database: Database;
  const open: { end(): Promise<void> }[] = [];

  beforeEach(async () => {
    name = await server.database();
    url = server.url(name);
    await server.admin(
      `${TPEDM_TABLES} insert into mqtt_user (clientid, username, password) values ('gw', 'user', 'secret');
       insert into clientid_profile (clientid, created_at) values ('gw', 1)`,
      name,
    );
    database = await openDatabase({ kind: 'postgresql', url });
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.end();
    await database.close();
  });

  async function session(role?: string, application = 'test'): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: server.url(name, role), application_name: application });
    client.on('error', () => undefined);
    await client.connect();
    open.push(client);
    return client;
  }

  async function emqx(at: string, query: string) {
    const statement = await openStatement(at, query);
    open.push({ end: () => statement.close() });
    return statement;
  }

  const plain = () => server.admin("select password from mqtt_user where clientid = 'gw'", name);

  /** Each takes 10 s, and differs from the first in words alone. */
  const onNewest = (...test: Parameters<typeof it>) => void (server.isNewest && it(...test));

  it('says who holds it, what that does and how to end it; logins go on meanwhile, and nothing was changed', async () => {
    const { pid } = await emqx(url, TPEDM_QUERY);
    const migrating = errorOf(migrate(database, silent));
    const login = await session();
    let longest = 0;
    const waiting = migrating.then(() => true);
    for (let ended = false; !ended; ) {
      const began = performance.now();
      await login.query(TPEDM_QUERY, ['user', 'gw']);
      longest = Math.max(longest, performance.now() - began);
      ended = await Promise.race([waiting, new Promise<false>((resolve) => setTimeout(resolve, 50, false))]);
    }
    expect(longest, 'longest login').to.be.below(patience(3000));
    const error = await migrating;
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'UNAVAILABLE');
    expect(error.message).to.match(/waits for the table (mqtt_user|clientid_profile)/);
    expect(error.message).to.contain(`process ${pid}`);
    expect(error.message).to.match(/role postgres/);
    expect(error.message).to.contain('with a statement that its client left open, since 20');
    expect(error.message).to.contain('select password from mqtt_user where username = $1');
    expect(error.message).to.match(/EMQX 4\.4.*stop it.*SELECT pg_terminate_backend\(\d+\);/);
    expect(await plain()).to.deep.equal([{ password: 'secret' }]);
  });

  it('goes on as soon as the lock is free', async () => {
    const holder = await session();
    await holder.query('begin');
    await holder.query('select * from clientid_profile');
    const migrating = migrate(database, silent);
    // Behind the first attempt: it is then known to wait.
    for (;;) {
      const rows = await server.admin(
        `select from pg_locks where not granted and database = (select oid from pg_database where datname = '${name}')`,
      );
      if (rows.length > 0) break;
    }
    await holder.query('commit');
    await migrating;
    expect(await createRegistry(database).authenticate('gw', 'user', 'secret')).to.equal('accepted');
  });

  onNewest('says of sessions that are idle in a transaction since when, and from where', async () => {
    const holder = await session(undefined, "TPEDM's web");
    await holder.query('begin');
    await holder.query("update mqtt_user set salt = 'a secret value' where clientid = 'nobody'");
    const error = await errorOf(migrate(database, silent));
    expect(error.message).to.contain("application 'TPEDM''s web'");
    expect(error.message).to.contain('from 127.0.0.1');
    expect(error.message).to.contain('idle in transaction, since 20');
    expect(error.message).to.not.contain('a secret value');
  });

  onNewest('names a prepared transaction', async () => {
    const holder = await session();
    await holder.query('begin');
    await holder.query("update mqtt_user set salt = 'x'");
    await holder.query(`prepare transaction 'left "behind"'`);
    try {
      const error = await errorOf(migrate(database, silent));
      expect(error.message).to.contain(`the prepared transaction 'left "behind"'`);
      expect(error.message).to.match(/COMMIT PREPARED 'left "behind"'; or ROLLBACK PREPARED/);
    } finally {
      await holder.query(`rollback prepared 'left "behind"'`);
    }
  });

  onNewest('says to a plain role what it is shown', async () => {
    const role = await server.role();
    await server.admin(
      `grant create on database ${name} to ${role}; grant create on schema public to ${role};
       ${['mqtt_user', 'clientid_profile', 'dm_category', 'dm_operation'].map((table) => `alter table ${table} owner to ${role}`).join('; ')}`,
      name,
    );
    const holder = await session(undefined, 'somebody');
    await holder.query('begin');
    await holder.query('select * from mqtt_user');
    const own = await openDatabase({ kind: 'postgresql', url: server.url(name, role) });
    try {
      const error = await errorOf(migrate(own, silent));
      expect(error.message).to.match(/process \d+ \(role postgres/);
      expect(error.message).to.contain('shown to superusers only');
      expect(error.message).to.contain('as a superuser');
      expect(error.message).to.contain(`GRANT pg_read_all_stats TO "${role}"`);
    } finally {
      await own.close();
      await holder.query('rollback');
      await server.admin(`drop owned by ${role} cascade`, name);
    }
  });

  describe('beside EMQX 4.4 with the role of the stack', () => {
    const run = promisify(execFile);
    const LOGIN = 'test_emqx_44';
    const its: string[] = [];

    before(function () {
      skipWithout(this, 'psql', hasProgram('psql'));
    });
    after(async () => {
      for (const name of its) await server.admin(`drop database if exists ${name} with (force)`);
      await server.admin(`drop role if exists ${LOGIN}; drop role if exists tpe_emqx_reader`);
    });

    /** As the stack makes them: the database is the manager's, EMQX reads by a role of its own. */
    async function stack(): Promise<{ own: Database; emqxUrl: string; role: string }> {
      const role = await server.role();
      const own = await server.database(`owner ${role}`);
      its.push(own);
      const admin = new URL(server.url(own));
      const makeRole = () =>
        run(`${DOCKER}/postgres/20-emqx-role.sh`, {
          env: {
            ...process.env,
            PGHOST: admin.hostname,
            PGPORT: admin.port,
            PGUSER: admin.username,
            PGPASSWORD: decodeURIComponent(admin.password),
            PGDATABASE: own,
            EMQX_DB_USER: LOGIN,
            EMQX_DB_PASSWORD: 'it is a secret',
          },
        });
      await makeRole();
      const manager = await openDatabase({ kind: 'postgresql', url: server.url(own, role) });
      open.push({ end: () => manager.close() });
      await migrate(manager, silent);
      return { own: manager, emqxUrl: server.url(own, LOGIN), role };
    }

    it('lets gateways in however long ago EMQX prepared its statement', async () => {
      const { own, emqxUrl } = await stack();
      await createRegistry(own).register({ clientid: 'gw-1', username: 'user-1', password: 'password of 1' });
      const pool = await Promise.all(Array.from({ length: 8 }, () => emqx(emqxUrl, emqxQuery())));
      await new Promise((resolve) => setTimeout(resolve, LOGIN_MS + 1500));
      for (const connection of pool) {
        expect(await connection.execute(['user-1', 'gw-1'])).to.have.length(1);
      }
    });

    it('migrates under the statements that EMQX left open: it connects again by itself', async () => {
      const { own, emqxUrl } = await stack();
      const log: string[] = [];
      // A migration that changes what the view reads, as one to come may.
      await own.query("delete from tpe_migration where name = '018_refused_logins'");
      const [held, other] = [await emqx(emqxUrl, emqxQuery()), await emqx(emqxUrl, emqxQuery())];
      await migrate(own, { info: (text) => log.push(text) });
      expect(log.join('\n')).to.match(/sessions of EMQX \(role test_emqx_44\).*were ended/);
      expect(log).to.include('The database has been migrated: 018_refused_logins.');
      for (const { pid } of [held, other]) {
        expect(await server.admin(`select from pg_stat_activity where pid = ${pid}`)).to.deep.equal([]);
      }
      await createRegistry(own).register({ clientid: 'gw-1', username: 'user-1', password: 'password of 1' });
      expect(await (await emqx(emqxUrl, emqxQuery())).execute(['user-1', 'gw-1'])).to.have.length(1);
    });
  });
});

describe('database: a statement in a message', () => {
  it('is shown without the values in it', () => {
    expect(
      shortened(
        "update mqtt_user set password = 'pa''ss' where clientid = E'\\'x' -- secret\n and $a$pw$a$ = 1",
      ),
    ).to.equal("update mqtt_user set password = '...' where clientid = '...' and '...' = 1");
    expect(shortened("select 'never ended, secret")).to.equal("select '...'");
    expect(shortened(`select ${'x'.repeat(500)}`)).to.have.length(123);
  });
});

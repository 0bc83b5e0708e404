import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { DOCKER, dockerFile } from '../../support/docker-files.js';
import { type AccessRules, emqx4Rules, emqx5Rules } from '../../support/emqx-acl.js';
import { type Authenticate, emqx4, emqx5, sha256 } from '../../support/emqx-authentication.js';
import { errorOf } from '../../support/errors.js';
import { postgres } from '../../support/postgres.js';
import { hasProgram } from '../../support/programs.js';

const MANAGER = 'tpedm-manager';

const EMQX: [string, Authenticate, AccessRules][] = [
  ['EMQX 5 and 6', emqx5, emqx5Rules(dockerFile('emqx/acl.conf'))],
  ['EMQX 4.4', emqx4, emqx4Rules(dockerFile('emqx-4.4/acl.conf'))],
];

eachDatabase('database: what EMQX reads of gateways', (open) => {
  let database: Database;
  let registry: Registry;

  before(async () => {
    database = await open();
    registry = createRegistry(database);
    await registry.register({ clientid: 'gw-1', username: 'user-1', password: 'password of 1' });
    await registry.register({ clientid: 'gw-2', username: 'user-2', password: 'password of 2' });
    await registry.register({ clientid: 'Büro 7 é', username: 'Ü', password: 'pässwörd 🔑' });
    await registry.register({ clientid: 'spy', username: MANAGER, password: 'password of a spy' });
  });
  after(() => database.close());

  for (const [name, authenticate] of EMQX) {
    describe(name, () => {
      const verdict = (clientid: string, username: string, password: string) =>
        authenticate(database, { clientid, username, password });

      it('lets a registered gateway in, and as no superuser', async () => {
        expect(await verdict('gw-1', 'user-1', 'password of 1')).to.equal('accepted');
        expect(await verdict('Büro 7 é', 'Ü', 'pässwörd 🔑')).to.equal('accepted');
        const { username, password } = (await registry.register({ clientid: `generated ${name}` }))
          .credential;
        expect(await verdict(`generated ${name}`, username, password)).to.equal('accepted');
      });

      it('refuses another password, also the stored hash', async () => {
        const [row] = await database.query<{ password: string }>(
          "select password from mqtt_user where clientid = 'gw-1'",
        );
        for (const password of ['', 'password of 2', 'Password of 1', row!.password]) {
          expect(await verdict('gw-1', 'user-1', password), password).to.equal('refused');
        }
      });

      it('knows nobody who is not registered', async () => {
        expect(await verdict('gw-3', 'user-3', 'password of 1')).to.equal('ignored');
        expect(await verdict('', '', '')).to.equal('ignored');
        expect(await verdict('GW-1', 'user-1', 'password of 1')).to.equal('ignored');
        expect(await verdict('gw-1 ', 'user-1', 'password of 1')).to.equal('ignored');
      });

      it('lets no gateway take the client id of another', async () => {
        expect(await verdict('gw-2', 'user-1', 'password of 1')).to.equal('ignored');
        expect(await verdict('gw-1', 'user-2', 'password of 2')).to.equal('ignored');
      });

      it("lets no gateway in under the device manager's name", async () => {
        expect(await verdict('spy', MANAGER, 'password of a spy')).to.equal('ignored');
      });

      it('lets nobody in whose credential is disabled, retired, rotated or was never complete', async () => {
        await registry.register({ clientid: 'gone', username: 'gone', password: 'password of gone' });
        await registry.update('gone', { enabled: false });
        expect(await verdict('gone', 'gone', 'password of gone')).to.equal('ignored');
        await registry.update('gone', { enabled: true });
        expect(await verdict('gone', 'gone', 'password of gone')).to.equal('accepted');
        await registry.rotate('gone', 'another password');
        expect(await verdict('gone', 'gone', 'password of gone')).to.equal('refused');
        await registry.retire('gone');
        expect(await verdict('gone', 'gone', 'another password')).to.equal('ignored');
        for (const [column, value] of [
          ['password', null],
          ['salt', null],
          ['username', null],
          ['username', ''],
        ] as const) {
          await registry.register({ clientid: 'gone', username: 'gone', password: 'password of gone' });
          await database.query(`update mqtt_user set ${column} = $1 where clientid = 'gone'`, [value]);
          expect(await verdict('gone', value ?? 'gone', 'password of gone'), column).to.equal('ignored');
          await registry.retire('gone');
        }
      });

      it('makes no superuser, whatever the table says', async () => {
        await database.query("update mqtt_user set is_superuser = true where clientid = 'gw-1'");
        expect(await verdict('gw-1', 'user-1', 'password of 1')).to.equal('accepted');
        const superusers = await database.query('select from emqx_credential where is_superuser');
        expect(superusers).to.deep.equal([]);
      });

      it('leaves out each client id that is no safe level of a topic', async () => {
        const ids = ['+', '#', '/a', 'a/b', 'a+', '$SYS', '', ' ', '  ', '\t', 'a\nb', 'a\u007f', '\u0085'];
        for (const clientid of ids) {
          await database.query(
            `insert into mqtt_user (clientid, username, password, salt) values ($1, 'u', $2, 's')`,
            [clientid, sha256('sp')],
          );
          await database.query('insert into clientid_profile (clientid) values ($1)', [clientid]);
        }
        for (const clientid of ids) {
          expect(await verdict(clientid, 'u', 'p'), JSON.stringify(clientid)).to.equal('ignored');
        }
        await database.query('delete from mqtt_user where clientid = any($1)', [ids]);
        await database.query('delete from clientid_profile where clientid = any($1)', [ids]);
      });

      it('takes SQL for the name that it is', async () => {
        const attempts = [
          "' or '1'='1",
          "gw-1' --",
          "'; drop table mqtt_user; --",
          `\${username}`,
          '$1',
          "'%u'",
        ];
        for (const text of attempts) {
          expect(await verdict('gw-1', text, text), text).to.equal('ignored');
          expect(await verdict(text, 'user-1', 'password of 1'), text).to.equal('ignored');
        }
        expect(await verdict('gw-1', 'user-1', 'password of 1')).to.equal('accepted');
      });

      it('gets an error for a NUL, and goes on', async () => {
        await errorOf(verdict('gw-1\u0000', 'user-1', 'password of 1'));
        await errorOf(verdict('gw-1', 'user-1\u0000', 'password of 1'));
        expect(await verdict('gw-1', 'user-1', 'password of 1')).to.equal('accepted');
      });
    });
  }
});

describe("database: EMQX's role", () => {
  const open = opener('postgresql');
  const run = promisify(execFile);
  const password = 'it\'s 100% "secret" \\ $1';
  const login = 'test_emqx_login';
  const databases: Database[] = [];

  before(function () {
    if (hasProgram('psql')) return;
    console.log('      psql is not installed: skipped');
    this.skip();
  });
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.close();
  });
  after(async () => {
    await (await postgres()).admin(`drop role if exists ${login}; drop role if exists tpe_emqx_reader`);
  });

  async function openAt(url: string): Promise<Database> {
    const database = await openDatabase({ kind: 'postgresql', url });
    databases.push(database);
    return database;
  }

  async function makeRole(url: string, secret = password): Promise<void> {
    const { hostname, port, username, password: superuser, pathname } = new URL(url);
    await run(`${DOCKER}/postgres/20-emqx-role.sh`, {
      env: {
        ...process.env,
        PGHOST: hostname,
        PGPORT: port,
        PGUSER: username,
        PGPASSWORD: decodeURIComponent(superuser),
        PGDATABASE: pathname.slice(1),
        EMQX_DB_USER: login,
        EMQX_DB_PASSWORD: secret,
      },
    });
  }

  function asEmqx(url: string, secret = password): string {
    const its = new URL(url);
    its.username = login;
    its.password = encodeURIComponent(secret);
    return its.href;
  }

  async function urlOf(options: Awaited<ReturnType<typeof open.options>>): Promise<string> {
    if (options.kind !== 'postgresql') throw new Error('not PostgreSQL');
    return options.url;
  }

  it('reads the view and can do nothing else', async () => {
    const url = await urlOf(await open.options());
    await makeRole(url);
    const registry = createRegistry(await openAt(url));
    await registry.register({ clientid: 'gw-1', username: 'user-1', password: 'password of 1' });
    const emqx = await openAt(asEmqx(url));
    for (const [, authenticate] of EMQX) {
      expect(
        await authenticate(emqx, { clientid: 'gw-1', username: 'user-1', password: 'password of 1' }),
      ).to.equal('accepted');
    }
    const refused = async (sql: string) => expect((await errorOf(emqx.query(sql))).message, sql);
    for (const table of ['mqtt_user', 'clientid_profile', 'tpe_command', 'tpe_migration', 'dm_operation']) {
      (await refused(`select * from ${table}`)).to.match(/permission denied/);
    }
    (await refused("insert into emqx_credential (clientid) values ('x')")).to.match(
      /cannot insert into view/,
    );
    // That its sessions begin read-only is a courtesy that it can take back, as ours do: the rights hold without it.
    const bare = new pg.Client({ connectionString: asEmqx(url) });
    await bare.connect();
    const readOnly = await errorOf(bare.query('create temporary sequence mine'));
    expect(readOnly).to.have.property('code', '25006');
    await bare.end();
    for (const sql of [
      'insert into mqtt_user (clientid) values ($$x$$)',
      'delete from mqtt_user',
      'create table mine (x integer)',
      'create schema mine',
      'create function mine() returns integer language sql as $$select 1$$',
      'create extension dblink',
      "select nextval('tpe_request_id')",
      'alter view emqx_credential owner to current_user',
    ]) {
      (await refused(sql)).to.match(/permission denied|must be owner/);
    }
    for (const sql of [
      "select pg_read_file('/etc/passwd')",
      "select pg_ls_dir('/')",
      "copy (select 1) to program 'true'",
      'select rolpassword from pg_authid',
      'select pg_reload_conf()',
      "select lo_import('/etc/passwd')",
      'set role postgres',
    ]) {
      (await refused(sql)).to.match(/permission denied/);
    }
  });

  it('may be made before the view is there', async () => {
    const url = await urlOf(await open.emptyOptions());
    await makeRole(url);
    const database = await openAt(url);
    await migrate(database, { info: () => undefined });
    const emqx = await openAt(asEmqx(url));
    expect(await emqx.query('select * from emqx_credential')).to.deep.equal([]);
  });

  it('gets another password when it is made again', async () => {
    const url = await urlOf(await open.options());
    await makeRole(url);
    await makeRole(url, 'another password');
    await (await openAt(asEmqx(url, 'another password'))).query('select * from emqx_credential');
    const error = await errorOf((await openAt(asEmqx(url))).query('select 1'));
    expect(error.message).to.match(/password authentication failed/);
  });
});

for (const [name, , allows] of EMQX) {
  describe(`docker: the access rules of ${name}`, () => {
    const gateway = { clientid: 'gw-1', username: 'user-1' };
    const manager = { clientid: 'tpedm-1234', username: MANAGER };

    it('let a gateway publish its answers and telemetry and hear its requests', () => {
      expect(allows(gateway, 'publish', '/tpedm/gw-1/output')).to.equal(true);
      expect(allows(gateway, 'publish', '/tpedm/gw-1/telemetry')).to.equal(true);
      expect(allows(gateway, 'publish', '/tpedm/gw-1/telemetry/a/b')).to.equal(true);
      expect(allows(gateway, 'subscribe', '/tpedm/gw-1/input')).to.equal(true);
    });

    it('give it nothing else', () => {
      const topics = [
        '/tpedm/gw-2/output',
        '/tpedm/gw-2/input',
        '/tpedm/gw-2/telemetry/a',
        '/tpedm/user-1/input',
        '/tpedm/+/input',
        '/tpedm/+/output',
        '/tpedm/#',
        '/tpedm/gw-1/#',
        '/tpedm/gw-1/+',
        '/tpedm/gw-1/input/#',
        '/tpedm/gw-1/output/a',
        '/+/gw-1/input',
        '+/tpedm/gw-1/input',
        '#',
        '+/#',
        '$SYS/#',
        '$SYS/brokers/+/clients/#',
        '/tpe/gw-1/input',
        'tpedm/gw-1/input',
      ];
      for (const topic of topics) {
        expect(allows(gateway, 'publish', topic), `publish ${topic}`).to.equal(false);
        expect(allows(gateway, 'subscribe', topic), `subscribe ${topic}`).to.equal(false);
      }
      expect(allows(gateway, 'publish', '/tpedm/gw-1/input')).to.equal(false);
      expect(allows(gateway, 'subscribe', '/tpedm/gw-1/output')).to.equal(false);
      expect(allows(gateway, 'subscribe', '/tpedm/gw-1/telemetry/#')).to.equal(false);
    });

    it('give a client id that is a wildcard nothing of others', () => {
      for (const clientid of [
        '+',
        '#',
        'gw-1/#',
        '/',
        'gw-2/input',
        '$SYS',
        '',
        ' ',
        'a\u0000',
        '+/output',
      ]) {
        const spy = { clientid, username: 'spy' };
        for (const [action, topic] of [
          ['publish', '/tpedm/gw-1/output'],
          ['publish', '/tpedm/gw-2/input/output'],
          ['subscribe', '/tpedm/gw-1/input'],
          ['subscribe', '/tpedm/+/input'],
          ['subscribe', '/tpedm/#'],
        ] as const) {
          expect(allows(spy, action, topic), `${JSON.stringify(clientid)} ${action} ${topic}`).to.equal(
            false,
          );
        }
      }
    });

    it('let the device manager reach all gateways and hear who comes and goes', () => {
      expect(allows(manager, 'publish', '/tpedm/gw-1/input')).to.equal(true);
      expect(allows(manager, 'subscribe', '/tpedm/+/output')).to.equal(true);
      expect(allows(manager, 'subscribe', '/tpedm/+/telemetry/#')).to.equal(true);
      expect(allows(manager, 'subscribe', '$SYS/brokers/+/clients/+/connected')).to.equal(true);
      expect(allows(manager, 'subscribe', '$SYS/#')).to.equal(false);
      expect(allows(manager, 'subscribe', '#')).to.equal(false);
    });
  });
}
